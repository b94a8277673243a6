// Features on the 1-second grid, a track each; where a pixel holds several seconds, their range.
class TrackChart extends Chart {
  shown() {
    const touch = touchOf.get(chosen);
    return day.shown[touch ? touch.level : day.levels[0].name];
  }
  draw(g) {
    const shown = this.shown(),
      touch = touchOf.get(chosen);
    const tall = this.depth / shown.length;
    this.drawTimes(g);
    this.drawGaps(g);
    shown.forEach((track, n) =>
      this.drawTrack(
        g,
        track,
        this.margin.top + n * tall + 18,
        this.margin.top + (n + 1) * tall - 6,
      ),
    );
    if (!touch) return;
    g.strokeStyle = colours.ink;
    for (const time of [touch.time, touch.sets[0].decided])
      if (time !== null && time >= view.from && time <= view.to) this.upright(g, time);
  }
  drawTrack(g, track, top, bottom) {
    const values = arrays["track" + track],
      { name, unit } = day.tracks[track];
    const first = Math.max(0, Math.floor(view.from - day.grid)),
      last = Math.min(values.length, Math.ceil(view.to - day.grid) + 1);
    let low = Infinity,
      high = -Infinity;
    for (let i = first; i < last; i++)
      if (values[i] === values[i]) {
        low = Math.min(low, values[i]);
        high = Math.max(high, values[i]);
      }
    const level = day.levels.find((one) => name.startsWith(one.name + "_"));
    if (low > high) this.title(g, "no values here", top + 18);
    else {
      if (low === high) {
        low -= 0.5;
        high += 0.5;
      }
      const y = (value) => bottom - ((value - low) / (high - low)) * (bottom - top);
      for (const value of [low, high]) this.across(g, y(value), short(value));
      this.inside(g, () => this.drawLine(g, values, first, last, y, level));
    }
    this.title(g, unit ? name + ", " + unit : name, top - 3);
  }
  drawLine(g, values, first, last, y, level) {
    g.strokeStyle = level ? level.colour : colours.ink;
    g.lineWidth = 1.5;
    g.lineJoin = "round";
    g.beginPath();
    const wide = this.inner / (view.to - view.from) >= 1;
    let pen = false;
    for (let i = first; i < last;) {
      const x = this.x(day.grid + i);
      if (wide) {
        if (values[i] !== values[i]) pen = false;
        else if (pen) g.lineTo(x, y(values[i]));
        else {
          g.moveTo(x, y(values[i]));
          g.lineTo(x + 0.7, y(values[i]));
          pen = true;
        }
        i++;
        continue;
      }
      const pixel = Math.floor(x);
      let low = Infinity,
        high = -Infinity,
        entry = null;
      for (; i < last && Math.floor(this.x(day.grid + i)) === pixel; i++) {
        if (values[i] !== values[i]) continue;
        entry = entry ?? values[i];
        low = Math.min(low, values[i]);
        high = Math.max(high, values[i]);
      }
      if (entry === null) {
        pen = false;
        continue;
      }
      if (pen) g.lineTo(pixel + 0.5, y(entry));
      else g.moveTo(pixel + 0.5, y(entry));
      g.lineTo(pixel + 0.5, y(low));
      g.lineTo(pixel + 0.5, y(high) - 0.5);
      pen = true;
    }
    g.stroke();
  }
  title(g, words, y) {
    g.textAlign = "left";
    g.textBaseline = "bottom";
    g.font = (this.width < 640 ? "11px" : "12px") + " system-ui, sans-serif";
    label(g, words, this.margin.left + 2, y);
    g.font = "12px system-ui, sans-serif";
  }
  words(time, y) {
    const second = Math.floor(time - day.grid),
      lines = [clock(day.grid + second)];
    for (const track of this.shown()) {
      const values = arrays["track" + track];
      lines.push(
        day.tracks[track].name +
          "  " +
          (second >= 0 && second < values.length ? four(values[second]) : "outside of the grid"),
      );
    }
    return lines.join("\n");
  }
}
