// The data of the page: JSON values, and arrays packed as web/payload.py packs them.
const $ = (id) => document.getElementById(id);
const day = JSON.parse($("day-data").textContent);
const arrays = {};
let arraysRead = false;

async function readArrays() {
  const text = atob($("day-series").textContent);
  const packed = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) packed[i] = text.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  for (const one of day.arrays) arrays[one.name] = unpacked(bytes, one);
  arraysRead = true;
}

function unpacked(bytes, one) {
  const raw = new Uint8Array(4 * one.length);
  for (let plane = 0; plane < 4; plane++) {
    const from = one.at + plane * one.length;
    for (let i = 0; i < one.length; i++) raw[4 * i + plane] = bytes[from + i];
  }
  const values = one.type === "i" ? new Int32Array(raw.buffer) : new Float32Array(raw.buffer);
  if (one.differences) for (let i = 1; i < values.length; i++) values[i] += values[i - 1];
  return values;
}

const touchOf = new Map(day.touches.map((touch) => [touch.number, touch]));
const levelAt = new Map(day.levels.map((level, place) => [level.name, place]));

function clock(seconds, digits) {
  const milli = Math.round(seconds * 1000),
    whole = Math.floor(milli / 1000);
  const two = (n) => String(n).padStart(2, "0");
  const words =
    two(Math.floor(whole / 3600)) + ":" + two(Math.floor(whole / 60) % 60) + ":" + two(whole % 60);
  return digits ? words + "." + String(milli % 1000).padStart(3, "0") : words;
}

const dollars = (price) =>
  price.toLocaleString("en-US", {
    minimumFractionDigits: day.decimals,
    maximumFractionDigits: day.decimals,
  });
// On an axis only the decimals that its steps have, where a tick of 1/64 has six.
function dollarsByStep(price, step) {
  let digits = Math.min(2, day.decimals);
  const parts = () => step * 10 ** digits;
  while (digits < day.decimals && Math.abs(parts() - Math.round(parts())) > 1e-6) digits++;
  return price.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
const count = (n) => n.toLocaleString("en-US");
const four = (value) => (Number.isNaN(value) ? "missing" : String(Number(value.toPrecision(4))));
// For an axis: three digits.
const short = (value) =>
  Math.abs(value) >= 1e4
    ? (value / 1000).toPrecision(3) + "k"
    : String(Number(value.toPrecision(3)));

// Price of a level at a time, null before it is known and where it lapses.
function levelPrice(level, time) {
  let at = -1;
  for (let lo = 0, hi = level.times.length - 1; lo <= hi;) {
    const middle = (lo + hi) >> 1;
    if (level.times[middle] <= time) {
      at = middle;
      lo = middle + 1;
    } else hi = middle - 1;
  }
  return at < 0 ? null : level.prices[at];
}
