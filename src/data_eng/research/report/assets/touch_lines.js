// The chosen touch on the book: its moment, its barriers, and when it was decided.
function drawTouchLines(chart, g, y) {
  const touch = touchOf.get(chosen);
  if (!touch) return;
  const primary = touch.sets[0],
    end = primary.decided ?? touch.from + primary.seconds;
  g.strokeStyle = g.fillStyle = colours.ink;
  g.textBaseline = "bottom";
  if (touch.price !== null) {
    for (const [way, words] of [
      [touch.side, "bounce"],
      [-touch.side, "break"],
    ]) {
      const price = touch.price + way * primary.ticks * day.tick,
        at = y(price);
      g.setLineDash([7, 4]);
      g.lineWidth = 1.4;
      g.beginPath();
      g.moveTo(chart.x(touch.from), at);
      g.lineTo(chart.x(end), at);
      g.stroke();
      g.setLineDash([]);
      g.textAlign = "left";
      label(
        g,
        words + " " + dollars(price),
        Math.max(chart.x(touch.from) + 4, chart.margin.left + 4),
        at - 3,
      );
    }
  }
  moment(chart, g, touch.time, "touch " + touch.number);
  if (primary.decided !== null) moment(chart, g, primary.decided, day.did[touch.outcome]);
}

function moment(chart, g, time, words) {
  const x = chart.upright(g, time);
  const fits = x + 80 < chart.width - chart.margin.right;
  g.textAlign = fits ? "left" : "right";
  label(g, words, x + (fits ? 4 : -4), chart.margin.top + 16);
}
