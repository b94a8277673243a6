// What the charts draw with: the theme's colours, hatching, tags, words and lines of steps.
let colours = {};
function readColours() {
  // Of a property the style has the text; what it is in this theme, only an element has.
  const probe = document.body.appendChild(document.createElement("i"));
  for (const name of ["paper", "ink", "muted", "line", "candle", "band", "bid", "ask", "hatch"]) {
    probe.style.color = "var(--" + name + ")";
    colours[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  hatching = null;
}

let hatching = null;
function hatchPattern(g) {
  if (hatching) return hatching;
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const h = tile.getContext("2d");
  h.strokeStyle = colours.hatch;
  h.lineWidth = 1.5;
  for (const x of [-8, 0, 8]) {
    h.moveTo(x, 8);
    h.lineTo(x + 8, 0);
  }
  h.stroke();
  hatching = g.createPattern(tile, "repeat");
  return hatching;
}

// Black or white, whichever is read better on a colour.
function onColour(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => (parseInt(hex.slice(at, at + 2), 16) / 255) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.24 ? "#10151a" : "#ffffff";
}

function tag(g, words, x, y, colour, align) {
  g.font = "600 12px system-ui, sans-serif";
  const width = g.measureText(words).width + 10;
  const left = align === "right" ? x - width : x;
  g.fillStyle = colour;
  g.beginPath();
  g.roundRect(left, y - 9, width, 18, 3);
  g.fill();
  g.fillStyle = onColour(colour);
  g.textAlign = "left";
  g.textBaseline = "middle";
  g.fillText(words, left + 5, y + 0.5);
  g.font = "12px system-ui, sans-serif";
}

// A line of steps with a rim of the paper's colour, so that it is seen on anything.
function stepLine(g, chart, level, from, to, y) {
  const path = new Path2D();
  let pen = false,
    last = null;
  for (let i = 0; i < level.times.length; i++) {
    const end = Math.min(i + 1 < level.times.length ? level.times[i + 1] : day.end, to);
    const start = Math.max(level.times[i], from),
      price = level.prices[i];
    if (price === null) {
      pen = false;
      continue;
    }
    if (end <= start) continue;
    if (pen) path.lineTo(chart.x(start), y(price));
    else path.moveTo(chart.x(start), y(price));
    path.lineTo(chart.x(end), y(price));
    pen = true;
    last = { x: chart.x(end), y: y(price), price };
  }
  g.lineJoin = "round";
  g.strokeStyle = colours.paper;
  g.lineWidth = 4.5;
  g.stroke(path);
  g.strokeStyle = level.colour;
  g.lineWidth = 2.2;
  g.stroke(path);
  return last;
}

// Words that are read on anything.
function label(g, words, x, y) {
  g.lineWidth = 4;
  g.strokeStyle = colours.paper;
  g.strokeText(words, x, y);
  g.fillStyle = g.strokeStyle = colours.ink;
  g.fillText(words, x, y);
}
