// What the charts share: canvases that fit their box, axes of time and value, the crosshair.
const charts = [];
let hovered = null; // seconds since midnight, null where the pointer is elsewhere
const view = { from: day.open, to: day.end }; // what book and features show
const shownLevels = new Set(day.levels.map((level) => level.name));

class Chart {
  constructor(id, label) {
    this.box = $(id);
    [this.base, this.cross] = this.box.querySelectorAll("canvas");
    this.over = this.box.querySelector(".over");
    this.tip = this.box.querySelector(".tip");
    this.base.setAttribute("aria-label", label);
    this.margin = { left: 60, right: 16, top: 10, bottom: 24 };
    this.pointer = null;
    charts.push(this);
    this.box.addEventListener("pointermove", (event) => this.moved(event));
    this.box.addEventListener("pointerleave", () => this.left());
    new ResizeObserver(() => this.resize()).observe(this.box);
  }
  get ready() {
    return arraysRead;
  }
  range() {
    return view;
  }
  get inner() {
    return this.width - this.margin.left - this.margin.right;
  }
  get depth() {
    return this.height - this.margin.top - this.margin.bottom;
  }
  x(time) {
    const { from, to } = this.range();
    return this.margin.left + ((time - from) / (to - from)) * this.inner;
  }
  timeAt(x) {
    const { from, to } = this.range();
    return from + ((x - this.margin.left) / this.inner) * (to - from);
  }
  resize() {
    const ratio = window.devicePixelRatio || 1;
    this.width = this.box.clientWidth;
    this.height = this.box.clientHeight;
    for (const canvas of [this.base, this.cross]) {
      canvas.width = Math.round(this.width * ratio);
      canvas.height = Math.round(this.height * ratio);
    }
    this.ratio = ratio;
    this.redraw();
  }
  redraw() {
    if (!this.ready || !this.width) return;
    const g = this.base.getContext("2d");
    g.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    g.clearRect(0, 0, this.width, this.height);
    g.font = "12px system-ui, sans-serif";
    // The same for all, so that they stand below each other.
    this.margin.left = Math.max(
      56,
      12 + g.measureText(dollars(Math.max(0, ...day.bars.high))).width,
    );
    this.draw(g);
    this.drawCross();
  }
  inside(g, body) {
    g.save();
    g.beginPath();
    g.rect(this.margin.left, this.margin.top, this.inner, this.depth);
    g.clip();
    body();
    g.restore();
  }
  drawGaps(g) {
    g.fillStyle = hatchPattern(g);
    this.inside(g, () => {
      for (const [from, to] of day.gaps) {
        const a = this.x(from);
        g.fillRect(a, this.margin.top, Math.max(this.x(to) - a, 1.5), this.depth);
      }
    });
  }
  // A line from top to bottom at a time; returns where it stands.
  upright(g, time) {
    const x = Math.round(this.x(time)) + 0.5;
    g.lineWidth = 1;
    g.beginPath();
    g.moveTo(x, this.margin.top);
    g.lineTo(x, this.height - this.margin.bottom);
    g.stroke();
    return x;
  }
  // A line across, with the words of its value on the axis.
  across(g, y, words) {
    const at = Math.round(y) + 0.5;
    g.textBaseline = "middle";
    g.textAlign = "right";
    g.lineWidth = 1;
    g.strokeStyle = colours.line;
    g.beginPath();
    g.moveTo(this.margin.left, at);
    g.lineTo(this.width - this.margin.right, at);
    g.stroke();
    g.fillStyle = colours.muted;
    g.fillText(words, this.margin.left - 6, at);
  }
  drawTimes(g, from = this.range().from, to = this.range().to) {
    const bottom = this.height - this.margin.bottom;
    const room = Math.max(1, Math.floor((this.x(to) - this.x(from)) / 84));
    const step =
      [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200].find(
        (s) => (to - from) / s <= room,
      ) || 7200;
    g.textBaseline = "top";
    g.textAlign = "center";
    let free = -Infinity; // right end of the label before
    for (let time = Math.ceil(from / step) * step; time <= to; time += step) {
      g.strokeStyle = colours.line;
      const x = this.upright(g, time);
      g.fillStyle = colours.muted;
      const words = step < 60 ? clock(time) : clock(time).slice(0, 5);
      const half = g.measureText(words).width / 2;
      if (x - half < Math.max(0, free) || x + half > this.width) continue;
      free = x + half + 8;
      g.fillText(words, x, bottom + 6);
    }
  }
  drawValues(g, low, high, top, bottom, least, words) {
    const y = (value) => bottom - ((value - low) / (high - low || 1)) * (bottom - top);
    const room = Math.max(1, Math.floor((bottom - top) / 44));
    let step = 10 ** Math.floor(Math.log10((high - low || 1) / room));
    for (const times of [2, 2.5, 2]) {
      if ((high - low) / step > room) step *= times;
    }
    step = Math.max(step, least);
    for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-9; value += step)
      this.across(g, y(value), words(value, step));
    return y;
  }
  moved(event) {
    const place = this.box.getBoundingClientRect();
    this.pointer = { x: event.clientX - place.left, y: event.clientY - place.top };
    const { from, to } = this.range();
    const time = this.timeAt(this.pointer.x);
    const on = time >= from && time <= to;
    hover(on ? time : null);
  }
  left() {
    this.pointer = null;
    hover(null);
  }
  drawCross() {
    const g = this.cross.getContext("2d");
    g.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    g.clearRect(0, 0, this.width, this.height);
    if (!this.ready) return;
    const { from, to } = this.range();
    if (hovered === null || hovered < from || hovered > to) {
      this.tip.hidden = true;
      return;
    }
    const x = Math.round(this.x(hovered)) + 0.5;
    g.strokeStyle = colours.ink;
    g.globalAlpha = 0.65;
    g.setLineDash([4, 3]);
    g.beginPath();
    g.moveTo(x, this.margin.top);
    g.lineTo(x, this.height - this.margin.bottom);
    if (this.pointer) {
      const y = Math.round(this.pointer.y) + 0.5;
      g.moveTo(this.margin.left, y);
      g.lineTo(this.width - this.margin.right, y);
    }
    g.stroke();
    g.setLineDash([]);
    g.globalAlpha = 1;
    this.tip.hidden = !this.pointer;
    if (!this.pointer) return;
    this.tip.textContent = this.words(hovered, this.pointer.y);
    const right = this.pointer.x + 18 + this.tip.offsetWidth > this.width;
    const left = right
      ? Math.max(2, this.pointer.x - 14 - this.tip.offsetWidth)
      : this.pointer.x + 14;
    const top = Math.min(Math.max(2, this.pointer.y + 12), this.height - this.tip.offsetHeight - 4);
    this.tip.style.transform = "translate(" + Math.round(left) + "px," + Math.round(top) + "px)";
  }
}

let crossAsked = false;
function hover(time) {
  hovered = time;
  if (crossAsked) return;
  crossAsked = true;
  requestAnimationFrame(() => {
    crossAsked = false;
    for (const chart of charts) chart.drawCross();
    showReadout();
  });
}

let drawAsked = false;
function redrawAll() {
  if (drawAsked) return;
  drawAsked = true;
  requestAnimationFrame(() => {
    drawAsked = false;
    charts.forEach((chart) => chart.redraw());
  });
}
