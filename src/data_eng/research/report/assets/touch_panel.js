// What is known of the chosen touch in words: outcome, barriers, the features before it.
function element(name, words, className) {
  const made = document.createElement(name);
  if (words !== undefined) made.textContent = words;
  if (className) made.className = className;
  return made;
}

function table(caption, head, rows, numeric) {
  const made = element("table");
  made.append(element("caption", caption, "unseen"));
  const line = made.createTHead().insertRow();
  head.forEach((words, i) => {
    const cell = element("th", words, numeric.includes(i) ? "number" : "");
    cell.scope = "col";
    line.append(cell);
  });
  const body = made.createTBody();
  for (const row of rows) {
    const into = body.insertRow();
    row.forEach((words, i) =>
      into.append(element("td", words, numeric.includes(i) ? "number" : "")),
    );
  }
  return made;
}

const lasting = (seconds) =>
  (seconds < 60 ? "" : Math.floor(seconds / 60) + " min ") + Math.floor(seconds % 60) + " s";
const ticks = (value) => (value === null ? "" : value.toFixed(1));

function verdict(touch) {
  const primary = touch.sets[0],
    level = day.levels[levelAt.get(touch.level)];
  const came = touch.cause === "price" ? "" : " (the level stepped to the price)";
  const start =
    "From " +
    (touch.side < 0 ? "below" : "above") +
    ", touched at " +
    clock(touch.time, 3) +
    came +
    ". ";
  if (touch.outcome === "censored")
    return (
      start +
      "Not decided: a barrier was passed within the first second, the level lapsed, or the records end."
    );
  const after = lasting(primary.decided - touch.from);
  const size = primary.ticks + " ticks";
  if (touch.outcome === "timeout")
    return (
      start +
      "Neither " +
      size +
      " back nor " +
      size +
      " through within " +
      primary.seconds / 60 +
      " minutes."
    );
  const [did, not] = touch.outcome === "bounce" ? ["Bounced", "through"] : ["Broke", "back"];
  return (
    start +
    did +
    " after " +
    after +
    ": trades went " +
    size +
    (touch.outcome === "bounce" ? " back from " : " through ") +
    level.words +
    " before as much " +
    not +
    "."
  );
}

// In two halves, which stand beside each other where there is room.
function featureTables(touch, scrolling) {
  const known = day.features[touch.level],
    half = Math.ceil(known.names.length / 2);
  const shown = (value) => (value === null ? "" : four(value));
  const rows = known.names.map((name, i) => [
    name.replaceAll("_", "_\u200b"),
    shown(known.before[touch.number][i]),
    shown(known.at[touch.number][i]),
    known.units[i],
  ]);
  const made = element("div", undefined, "features");
  for (const [n, part] of [rows.slice(0, half), rows.slice(half)].entries())
    made.append(
      scrolling(
        table(
          "LEVEL features",
          ["feature", clock(touch.from - 1), clock(touch.from), "unit"],
          part,
          [1, 2],
        ),
        "LEVEL features, part " + (n + 1),
      ),
    );
  return made;
}

function showPanel(touch) {
  const panel = $("panel");
  const scrolling = (made, label) => {
    const frame = element("div", undefined, "wide");
    frame.tabIndex = 0;
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-label", label);
    frame.append(made);
    return frame;
  };
  const level = day.levels[levelAt.get(touch.level)];
  $("chosen").textContent =
    "Touch " +
    touch.number +
    ": " +
    level.words +
    (touch.price === null ? "" : " at " + dollars(touch.price)) +
    ", " +
    day.did[touch.outcome];
  $("verdict").textContent = verdict(touch);
  const more = [];
  if (touch.chance !== null)
    more.push(
      "a price without drift would bounce with a chance of " +
        Math.round(100 * touch.chance) +
        " %",
    );
  if (touch.closes !== null) more.push("by two-minute closes: " + touch.closes);
  if (touch.osler !== null)
    more.push(
      "15 minutes later the mid was on the " + (touch.osler ? "side it came from" : "other side"),
    );
  const facts = element("div", undefined, "facts");
  const barriers = element("div");
  barriers.append(
    element("h3", "Barriers"),
    scrolling(
      table(
        "Barriers and outcomes",
        ["barriers", "ticks", "outcome", "decided", "after", "back", "through"],
        touch.sets.map((one) => [
          one.words,
          String(one.ticks),
          day.did[one.outcome],
          one.decided === null ? "" : clock(one.decided),
          one.decided === null ? "" : lasting(one.decided - touch.from),
          ticks(one.back),
          ticks(one.through),
        ]),
        [1, 3, 4, 5, 6],
      ),
      "Barriers and outcomes",
    ),
    element("p", "Back and through: largest excursions in ticks until decided."),
  );
  const values = element("div");
  values.append(
    element("h3", "Features of the " + level.words + " before it"),
    featureTables(touch, scrolling),
    element(
      "p",
      "The row of " +
        clock(touch.from - 1) +
        " saw nothing of the touch; that of " +
        clock(touch.from) +
        " is the first that did, and the one that models learn from. Empty: missing.",
    ),
  );
  facts.append(barriers, values);
  if (more.length)
    barriers.append(element("p", more.join("; ").replace(/^./, (a) => a.toUpperCase()) + "."));
  panel.replaceChildren(facts);
}
