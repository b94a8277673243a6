// State and wiring: which touch is chosen, which time is shown, pointer and keys.
let chosen = null;
const TO_OUTCOME = -1,
  BEFORE = 120,
  AFTER = 30;
let zoom = TO_OUTCOME; // seconds shown; 0 is all
const dayChart = new DayChart(
  "day-chart",
  "Price in two-minute bars with the levels and " +
    day.touches.length +
    " numbered touches; the table has the same touches.",
);
const bookChart = new BookChart(
  "book-chart",
  "Displayed size by price and second, with trades, level and barriers of the chosen touch.",
);
const trackChart = new TrackChart("track-chart", "Features over the same time as the book.");

function choose(number) {
  const touch = touchOf.get(number);
  if (!touch) return;
  chosen = number;
  for (const [key, button] of markers) button.setAttribute("aria-pressed", String(key === number));
  for (const row of document.querySelectorAll("tr[data-touch]")) {
    const own = Number(row.dataset.touch) === number;
    if (own) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
    row.querySelector("button").setAttribute("aria-pressed", String(own));
    if (own) keepInSight(row);
  }
  showPanel(touch);
  showAbout(touch.time);
  try {
    history.replaceState(null, "", "#touch-" + number);
  } catch (error) {
    /* the page works without */
  }
}

// Scrolls the list alone, never the page.
function keepInSight(row) {
  const list = $("touches"),
    head = list.querySelector("thead").offsetHeight;
  if (row.offsetTop - head < list.scrollTop) list.scrollTop = row.offsetTop - head - 4;
  else if (row.offsetTop + row.offsetHeight > list.scrollTop + list.clientHeight)
    list.scrollTop = row.offsetTop + row.offsetHeight - list.clientHeight + 4;
}

function step(by) {
  const order = day.touches.map((touch) => touch.number),
    at = order.indexOf(chosen);
  choose(order[Math.min(order.length - 1, Math.max(0, at + by))]);
}

const whole = { from: day.open - book.about, to: day.end + book.about };
function showAbout(time) {
  const touch = touchOf.get(chosen),
    fits = zoom === TO_OUTCOME && touch && time === touch.time;
  const until = fits ? Math.max(time + BEFORE, (touch.sets[0].decided ?? 0) + AFTER) : 0;
  const length = fits
    ? until - time + BEFORE
    : zoom === TO_OUTCOME
      ? view.to - view.from
      : zoom || whole.to - whole.from;
  const from = Math.min(
    Math.max(fits ? time - BEFORE : time - length / 2, whole.from),
    Math.max(whole.from, whole.to - length),
  );
  view.from = from;
  view.to = from + length;
  for (const button of document.querySelectorAll("[data-zoom]"))
    button.setAttribute("aria-pressed", String(Number(button.dataset.zoom) === zoom));
  redrawAll();
  showReadout();
}
const middle = () => (view.from + view.to) / 2;
const near = () => {
  const touch = touchOf.get(chosen);
  return touch && touch.time >= view.from && touch.time <= view.to ? touch.time : middle();
};

function wireFocus(chart) {
  let grip = null;
  chart.box.addEventListener("pointerdown", (event) => {
    grip = { x: event.clientX, middle: middle() };
    chart.box.setPointerCapture(event.pointerId);
  });
  chart.box.addEventListener("pointermove", (event) => {
    if (grip && Math.abs(event.clientX - grip.x) > 3)
      showAbout(grip.middle - ((event.clientX - grip.x) / chart.inner) * (view.to - view.from));
  });
  for (const end of ["pointerup", "pointercancel"])
    chart.box.addEventListener(end, () => {
      grip = null;
    });
  chart.box.addEventListener("keydown", (event) => {
    const sizes = [60, 240, 900, 3600, 0],
      quarter = (view.to - view.from) / 4;
    if (event.key === "ArrowLeft") showAbout(middle() - quarter);
    else if (event.key === "ArrowRight") showAbout(middle() + quarter);
    else if (event.key === "+" || event.key === "-") {
      const at = zoom === TO_OUTCOME ? 1 : sizes.indexOf(zoom) + (event.key === "+" ? -1 : 1);
      if (at >= 0 && at < sizes.length) {
        const time = near();
        zoom = sizes[at];
        showAbout(time);
      }
    } else return;
    event.preventDefault();
  });
}

function wireDay() {
  dayChart.box.addEventListener("click", (event) => {
    if (event.target.closest("button")) return;
    const time = dayChart.timeAt(event.clientX - dayChart.box.getBoundingClientRect().left);
    if (time >= day.open - book.about && time <= day.end) showAbout(time);
  });
  dayChart.box.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by === undefined || !day.touches.length) return;
    step(by);
    event.preventDefault();
  });
}

function wireRows() {
  const list = $("touches");
  if (!list) return;
  list.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-touch]");
    if (row) choose(Number(row.dataset.touch));
  });
  list.addEventListener("keydown", (event) => {
    const rows = [...list.querySelectorAll("tbody button")],
      at = rows.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || !rows[to]) return;
    rows[to].focus({ preventScroll: true });
    keepInSight(rows[to].closest("tr"));
    event.preventDefault();
  });
}

function wireCards() {
  document.querySelector(".cards").addEventListener("click", (event) => {
    const mark = event.target.closest("[data-touch]");
    if (mark) choose(Number(mark.dataset.touch));
  });
}

function makeLegend() {
  day.levels.forEach((level, place) => {
    const button = element("button", level.words);
    button.type = "button";
    button.className = "level-" + place;
    button.prepend(element("i", undefined, "swatch"));
    button.setAttribute("aria-pressed", "true");
    button.addEventListener("click", () => {
      if (!shownLevels.delete(level.name)) shownLevels.add(level.name);
      button.setAttribute("aria-pressed", String(shownLevels.has(level.name)));
      redrawAll();
    });
    $("legend").append(button);
  });
}

async function start() {
  readColours();
  makeMarkers(dayChart.over);
  makeLegend();
  dayChart.resize();
  wireDay();
  wireRows();
  wireCards();
  wireFocus(bookChart);
  wireFocus(trackChart);
  for (const button of document.querySelectorAll("[data-zoom]"))
    button.addEventListener("click", () => {
      const time = near();
      zoom = Number(button.dataset.zoom);
      showAbout(time);
    });
  $("previous-touch")?.addEventListener("click", () => step(-1));
  $("next-touch")?.addEventListener("click", () => step(1));
  themeListeners.push(() => {
    readColours();
    redrawAll();
  });
  await readArrays();
  const asked = Number(location.hash.replace("#touch-", ""));
  const first = touchOf.has(asked) ? asked : day.chosen;
  if (first === null) {
    $("panel").remove();
    zoom = 3600;
    showAbout(day.open + 1800);
  } else choose(first);
  document.documentElement.dataset.ready = "yes";
}

start().catch((error) => {
  $("readout").textContent =
    "The charts could not be drawn (" + error.message + "); the tables are complete.";
  throw error;
});
