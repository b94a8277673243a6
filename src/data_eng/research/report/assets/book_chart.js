// The displayed book by second and price, the trades through it, the level and its barriers.
const book = day.book;
const planeAt = (side, level) => (side * 10 + level) * book.seconds;

class BookChart extends Chart {
  seconds() {
    const first = Math.max(0, Math.floor(view.from - book.start));
    return [first, Math.min(book.seconds, Math.ceil(view.to - book.start))];
  }
  draw(g) {
    const [first, last] = this.seconds();
    this.fit(first, last);
    this.drawTimes(g);
    this.y = (price) =>
      this.margin.top +
      ((this.high + 0.5 - price / day.tick) / (this.high - this.low + 1)) * this.depth;
    if (last > first && this.high > this.low) this.drawSizes(g, first, last);
    this.drawGaps(g);
    const y = this.drawValues(
      g,
      (this.low - 0.5) * day.tick,
      (this.high + 0.5) * day.tick,
      this.margin.top,
      this.height - this.margin.bottom,
      day.tick,
      dollarsByStep,
    );
    this.inside(g, () => {
      this.drawTrades(g, first, last);
      this.drawLevels(g, y);
      drawTouchLines(this, g, y);
    });
  }
  // Ticks that are shown: best prices, trades, and the chosen touch with its barriers.
  fit(first, last) {
    let low = Infinity,
      high = -Infinity;
    const take = (tick) => {
      low = Math.min(low, tick);
      high = Math.max(high, tick);
    };
    for (const side of [0, 1])
      for (let i = first; i < last; i++) {
        const tick = arrays.prices[planeAt(side, 0) + i];
        if (tick !== book.none) take(tick);
      }
    for (
      let i = this.trade(first);
      i < arrays.tradeSecond.length && arrays.tradeSecond[i] < last;
      i++
    )
      take(arrays.tradePrice[i]);
    const touch = touchOf.get(chosen);
    if (touch && touch.price !== null && touch.time >= view.from && touch.time <= view.to)
      for (const way of [-1, 1])
        take(Math.round(touch.price / day.tick) + way * touch.sets[0].ticks);
    if (low > high) {
      low = 0;
      high = 0;
    }
    const room = Math.min(10, Math.max(3, Math.round((high - low) * 0.12)));
    this.low = low - room;
    this.high = high + room;
  }
  // The first trade of a second or later.
  trade(second) {
    let lo = 0,
      hi = arrays.tradeSecond.length;
    while (lo < hi) {
      const middle = (lo + hi) >> 1;
      if (arrays.tradeSecond[middle] < second) lo = middle + 1;
      else hi = middle;
    }
    return lo;
  }
  drawSizes(g, first, last) {
    const columns = Math.min(last - first, Math.max(1, Math.floor(this.inner * this.ratio)));
    const rows = this.high - this.low + 1,
      sizes = [new Int32Array(columns * rows), new Int32Array(columns * rows)];
    const all = [];
    for (const side of [0, 1])
      for (let level = 0; level < 10; level++) {
        const plane = planeAt(side, level),
          into = sizes[side];
        for (let i = first; i < last; i++) {
          const row = this.high - arrays.prices[plane + i];
          if (row < 0 || row >= rows) continue;
          const at = row * columns + Math.floor(((i - first) * columns) / (last - first));
          const size = arrays.sizes[plane + i];
          if (size > into[at]) into[at] = size;
          if ((i & 7) === 0) all.push(size);
        }
      }
    all.sort((a, b) => a - b);
    const full = Math.max(1, all[Math.floor(all.length * 0.98)] || 1);
    const image = new ImageData(columns, rows),
      pixels = image.data;
    for (const side of [0, 1]) {
      const colour = (side ? colours.ask : colours.bid).match(/\d+/g).map(Number);
      for (let at = 0; at < columns * rows; at++) {
        const size = sizes[side][at];
        if (!size) continue;
        const alpha = 18 + 225 * Math.sqrt(Math.min(1, size / full));
        if (alpha < pixels[4 * at + 3]) continue; // where both were in one pixel's time, the larger
        [pixels[4 * at], pixels[4 * at + 1], pixels[4 * at + 2]] = colour;
        pixels[4 * at + 3] = alpha;
      }
    }
    const small = document.createElement("canvas");
    small.width = columns;
    small.height = rows;
    small.getContext("2d").putImageData(image, 0, 0);
    this.inside(g, () => {
      g.imageSmoothingEnabled = false;
      const left = this.x(book.start + first),
        right = this.x(book.start + last);
      g.drawImage(small, left, this.margin.top, right - left, this.depth);
    });
  }
  drawTrades(g, first, last) {
    const from = this.trade(first),
      to = this.trade(last),
      second = this.inner / (view.to - view.from);
    const volume = (i) => arrays.bought[i] + arrays.sold[i] + arrays.unsided[i];
    const y = (tick) => this.y(tick * day.tick);
    if (second < 0.6) {
      // too many to tell apart: the range of each pixel
      g.strokeStyle = colours.ink;
      g.lineWidth = 1;
      g.beginPath();
      for (let i = from; i < to;) {
        const x = Math.floor(this.x(book.start + arrays.tradeSecond[i] + 0.5));
        let low = arrays.tradePrice[i],
          high = low;
        for (; i < to && Math.floor(this.x(book.start + arrays.tradeSecond[i] + 0.5)) === x; i++) {
          low = Math.min(low, arrays.tradePrice[i]);
          high = Math.max(high, arrays.tradePrice[i]);
        }
        g.moveTo(x + 0.5, y(high) - 0.8);
        g.lineTo(x + 0.5, y(low) + 0.8);
      }
      g.stroke();
      return;
    }
    const some = [];
    for (let i = from; i < to; i++) some.push(volume(i));
    some.sort((a, b) => a - b);
    const full = Math.max(1, some[Math.floor(some.length * 0.98)] || 1),
      most = Math.min(9, 3.5 + second);
    g.lineWidth = 1.2;
    for (let i = from; i < to; i++) {
      const radius = 1.4 + (most - 1.4) * Math.sqrt(Math.min(1.6, volume(i) / full));
      g.beginPath();
      g.arc(
        this.x(book.start + arrays.tradeSecond[i] + 0.5),
        y(arrays.tradePrice[i]),
        radius,
        0,
        7,
      );
      const buys = arrays.bought[i] > arrays.sold[i];
      g.fillStyle = buys ? colours.ink : colours.paper;
      g.fill();
      g.strokeStyle = buys ? colours.paper : colours.ink;
      g.stroke();
    }
  }
  drawLevels(g, y) {
    const touch = touchOf.get(chosen);
    for (const level of day.levels) {
      if (!shownLevels.has(level.name)) continue;
      const end = stepLine(g, this, level, view.from, view.to, y);
      if (!end || end.y < this.margin.top || end.y > this.height - this.margin.bottom) continue;
      const own = touch && touch.level === level.name;
      if (own || this.width > 640)
        tag(
          g,
          (own ? level.words : level.short) + " " + dollars(end.price),
          Math.min(end.x, this.width - this.margin.right) - 4,
          end.y,
          level.colour,
          "right",
        );
    }
  }
  words(time, y) {
    const second = Math.floor(time - book.start),
      lines = [clock(book.start + second)];
    const tick = Math.round(
      this.high + 0.5 - ((y - this.margin.top) / this.depth) * (this.high - this.low + 1),
    );
    lines.push(dollars(tick * day.tick));
    if (second < 0 || second >= book.seconds)
      return lines.join("\n") + "\nthe book is not on this page";
    for (const side of [0, 1])
      for (let level = 0; level < 10; level++)
        if (arrays.prices[planeAt(side, level) + second] === tick)
          lines.push(
            (side ? "asked " : "bid ") + count(arrays.sizes[planeAt(side, level) + second]),
          );
    for (
      let i = this.trade(second);
      i < arrays.tradeSecond.length && arrays.tradeSecond[i] === second;
      i++
    )
      if (arrays.tradePrice[i] === tick)
        lines.push("bought " + count(arrays.bought[i]) + ", sold " + count(arrays.sold[i]));
    return lines.join("\n");
  }
}
