// The whole day: two-minute bars, levels with names at their ends, volume, what is partial.
// Of the width: the hours of the touches get the rest.
const preMarketShare = (chart) => (chart.width < 640 ? 0.14 : 0.22);

class DayChart extends Chart {
  get ready() {
    return true;
  } // needs no array
  range() {
    return { from: day.start, to: day.end };
  }
  x(time) {
    const share = preMarketShare(this),
      part = (a, b) => (time - a) / (b - a);
    const at =
      time < day.open
        ? share * part(day.start, day.open)
        : share + (1 - share) * part(day.open, day.end);
    return this.margin.left + at * this.inner;
  }
  timeAt(x) {
    const share = preMarketShare(this),
      at = (x - this.margin.left) / this.inner;
    if (at < share) return day.start + (at / share) * (day.open - day.start);
    return day.open + ((at - share) / (1 - share)) * (day.end - day.open);
  }
  barWidth(time) {
    return Math.max(1, this.x(time + 119.9) - this.x(time) - 1);
  }
  draw(g) {
    const narrow = this.width < 640,
      bars = day.bars;
    this.margin = { left: this.margin.left, right: this.tagRoom(g, narrow), top: 12, bottom: 24 };
    const volumeHeight = Math.round(this.depth * 0.14);
    this.bottom = this.height - this.margin.bottom - volumeHeight - 8;
    let low = Infinity,
      high = -Infinity;
    for (let i = 0; i < bars.time.length; i++) {
      low = Math.min(low, bars.low[i]);
      high = Math.max(high, bars.high[i]);
    }
    for (const level of day.levels)
      if (shownLevels.has(level.name))
        for (const price of level.prices)
          if (price !== null) {
            low = Math.min(low, price);
            high = Math.max(high, price);
          }
    if (low > high) {
      low = 0;
      high = 1;
    }
    const room = Math.max((high - low) * 0.06, 8 * day.tick);
    this.low = low - room;
    this.high = high + room;
    g.fillStyle = colours.band;
    g.fillRect(
      this.x(day.start),
      this.margin.top,
      this.x(day.open) - this.x(day.start),
      this.depth,
    );
    this.drawTimes(g, day.start, day.open);
    this.drawTimes(g, day.open, day.end);
    this.y = this.drawValues(
      g,
      this.low,
      this.high,
      this.margin.top,
      this.bottom,
      day.tick,
      dollarsByStep,
    );
    this.drawGaps(g);
    g.fillStyle = colours.muted;
    g.textAlign = "left";
    g.textBaseline = "top";
    if (!narrow) g.fillText("pre-market, narrower", this.margin.left + 5, this.margin.top + 4);
    this.drawFocus(g);
    this.drawVolume(g, volumeHeight);
    this.drawBars(g);
    const ends = [];
    for (const level of day.levels) {
      if (!shownLevels.has(level.name)) continue;
      const end = stepLine(g, this, level, day.start, day.end, this.y);
      if (end) ends.push({ ...end, level });
    }
    this.drawTags(g, ends, narrow);
    placeMarkers(this, g);
  }
  drawFocus(g) {
    const a = this.x(Math.max(view.from, day.start)),
      b = this.x(Math.min(view.to, day.end));
    g.fillStyle = colours.ink;
    g.globalAlpha = 0.1;
    g.fillRect(a, this.margin.top, Math.max(b - a, 2), this.depth);
    g.globalAlpha = 1;
  }
  drawVolume(g, height) {
    const bars = day.bars,
      base = this.height - this.margin.bottom;
    const most = Math.max(1, ...bars.volume);
    g.fillStyle = colours.candle;
    g.globalAlpha = 0.55;
    bars.volume.forEach((volume, i) => {
      const tall = (volume / most) * height;
      g.fillRect(this.x(bars.time[i]), base - tall, this.barWidth(bars.time[i]), tall);
    });
    g.globalAlpha = 1;
    g.fillStyle = colours.muted;
    g.textAlign = "right";
    g.textBaseline = "middle";
    g.fillText(
      most >= 1e4 ? Math.round(most / 1000) + "k" : count(most),
      this.margin.left - 6,
      base - height + 4,
    );
  }
  drawBars(g) {
    const bars = day.bars;
    g.strokeStyle = g.fillStyle = colours.candle;
    g.lineWidth = 1;
    for (let i = 0; i < bars.time.length; i++) {
      const left = this.x(bars.time[i]),
        width = this.barWidth(bars.time[i]),
        middle = Math.round(left + width / 2) + 0.5;
      const a = this.y(bars.open[i]),
        b = this.y(bars.close[i]);
      g.beginPath();
      g.moveTo(middle, this.y(bars.high[i]));
      g.lineTo(middle, this.y(bars.low[i]));
      g.stroke();
      const tall = Math.max(Math.abs(a - b), 1);
      if (bars.close[i] >= bars.open[i] && width > 2.5) {
        g.fillStyle = colours.paper;
        g.fillRect(left, Math.min(a, b), width, tall);
        g.strokeRect(left + 0.5, Math.min(a, b) + 0.5, width - 1, Math.max(tall - 1, 0.5));
        g.fillStyle = colours.candle;
      } else g.fillRect(left, Math.min(a, b), width, tall);
    }
  }
  tagWords(level, narrow) {
    const price = levelPrice(level, day.end) ?? level.prices.findLast((one) => one !== null);
    return narrow ? level.short : level.words + " " + (price === undefined ? "" : dollars(price));
  }
  tagRoom(g, narrow) {
    g.font = "600 12px system-ui, sans-serif";
    const widths = day.levels.map((level) => g.measureText(this.tagWords(level, narrow)).width);
    g.font = "12px system-ui, sans-serif";
    return Math.max(...widths) + (narrow ? 18 : 26);
  }
  drawTags(g, ends, narrow) {
    ends.sort((a, b) => a.y - b.y);
    ends.forEach((end, i) => {
      end.at = i ? Math.max(end.y, ends[i - 1].at + 20) : Math.max(end.y, this.margin.top + 9);
    });
    for (let i = ends.length - 1, limit = this.height - 12; i >= 0; i--) {
      ends[i].at = Math.min(ends[i].at, limit);
      limit = ends[i].at - 20;
    }
    for (const end of ends) {
      const left = this.width - this.margin.right + (narrow ? 4 : 10);
      g.strokeStyle = end.level.colour;
      g.lineWidth = 1.5;
      g.beginPath();
      g.moveTo(end.x, end.y);
      g.lineTo(left, end.at);
      g.stroke();
      tag(g, this.tagWords(end.level, narrow), left, end.at, end.level.colour);
    }
  }
  words(time, y) {
    const bars = day.bars,
      lines = [clock(time)];
    const i = bars.time.findIndex((begin) => begin <= time && time < begin + 120);
    if (i >= 0)
      lines[0] =
        clock(bars.time[i]).slice(0, 5) +
        "  O " +
        dollars(bars.open[i]) +
        "  H " +
        dollars(bars.high[i]) +
        "\n       L " +
        dollars(bars.low[i]) +
        "  C " +
        dollars(bars.close[i]) +
        "\n" +
        count(bars.volume[i]) +
        " contracts";
    else lines.push("no bar");
    for (const [from, to, what] of day.gaps) if (from <= time && time < to) lines.push(what);
    for (const level of day.levels) {
      const price = shownLevels.has(level.name) ? levelPrice(level, time) : null;
      if (price !== null) lines.push(level.words + " " + dollars(price));
    }
    return lines.join("\n");
  }
}
