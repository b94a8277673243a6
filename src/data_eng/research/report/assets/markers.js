// The touches on the day's chart: buttons, on the side of the level that the price came from.
const markers = new Map();

function makeMarkers(over) {
  for (const touch of day.touches) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "mark " + touch.outcome;
    button.textContent = touch.number;
    button.dataset.marker = touch.number;
    button.tabIndex = -1; // reached by the rows and by the chart's arrow keys
    button.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-label", touchWords(touch));
    button.addEventListener("click", () => choose(touch.number));
    over.append(button);
    markers.set(touch.number, button);
  }
}

function touchWords(touch) {
  return (
    "Touch " +
    touch.number +
    ": " +
    day.levels[levelAt.get(touch.level)].words +
    " from " +
    (touch.side < 0 ? "below" : "above") +
    " at " +
    clock(touch.time) +
    ", " +
    day.did[touch.outcome]
  );
}

// Each a little away from its level, farther where another one stands already.
function placeMarkers(chart, g) {
  const taken = [],
    size = chart.width < 640 ? 18 : 20,
    step = size + 3;
  const order = [...day.touches].sort((a, b) => (b.number === chosen) - (a.number === chosen));
  for (const touch of order) {
    const button = markers.get(touch.number);
    const level = day.levels[levelAt.get(touch.level)];
    const price = touch.price ?? levelPrice(level, touch.time);
    button.hidden = price === null || !shownLevels.has(touch.level);
    if (button.hidden) continue;
    const x = chart.x(touch.time),
      y = chart.y(price),
      away = touch.side < 0 ? 1 : -1;
    const width = size + (touch.number > 99 ? 8 : 2);
    let spot = null;
    for (let n = 0; n < 14 && !spot; n++)
      for (const shift of [0, -0.6, 0.6, -1.2, 1.2, -2.2, 2.2, -3.2, 3.2, -4.4, 4.4].slice(
        0,
        n < 3 ? 5 : 11,
      )) {
        const at = { x: x + shift * step, y: y + away * (20 + n * step * 0.7) };
        const free =
          at.y > chart.margin.top + 4 &&
          at.y < chart.height - chart.margin.bottom - 8 &&
          at.x > chart.margin.left &&
          at.x < chart.margin.left + chart.inner + 8 &&
          taken.every(
            (one) =>
              Math.abs(one.x - at.x) >= width + 2 + one.rim ||
              Math.abs(one.y - at.y) >= step + one.rim,
          );
        if (free) {
          spot = at;
          break;
        }
      }
    spot = spot || { x, y: y + away * 20 };
    taken.push({ ...spot, rim: touch.number === chosen ? 5 : 0 });
    g.strokeStyle = g.fillStyle = colours.ink;
    g.lineWidth = touch.number === chosen ? 2 : 1;
    g.beginPath();
    g.moveTo(spot.x, spot.y);
    g.lineTo(x, y + away * 4);
    g.stroke();
    g.beginPath();
    g.moveTo(x, y);
    g.lineTo(x - 3.5, y + away * 7);
    g.lineTo(x + 3.5, y + away * 7);
    g.fill();
    button.style.transform =
      "translate(" +
      Math.round(spot.x - button.offsetWidth / 2) +
      "px," +
      Math.round(spot.y - button.offsetHeight / 2) +
      "px)";
  }
}
