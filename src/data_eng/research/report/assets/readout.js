// What stands and trades in the second under the pointer.
function showReadout() {
  const time = hovered ?? touchOf.get(chosen)?.time ?? null;
  if (time === null || !arraysRead) {
    $("readout").textContent = "";
    return;
  }
  const second = Math.floor(time - book.start),
    parts = [clock(time)];
  if (second >= 0 && second < book.seconds) {
    const [bid, ask] = [0, 1].map((side) => arrays.prices[planeAt(side, 0) + second]);
    const [bids, asks] = [0, 1].map((side) => arrays.sizes[planeAt(side, 0) + second]);
    parts.push(
      bid === book.none ? "no bid" : "bid " + dollars(bid * day.tick) + " × " + count(bids),
    );
    parts.push(
      ask === book.none ? "no ask" : "ask " + dollars(ask * day.tick) + " × " + count(asks),
    );
    let bought = 0,
      sold = 0;
    for (
      let i = bookChart.trade(second);
      i < arrays.tradeSecond.length && arrays.tradeSecond[i] === second;
      i++
    ) {
      bought += arrays.bought[i];
      sold += arrays.sold[i];
    }
    parts.push("bought " + count(bought), "sold " + count(sold));
  }
  $("readout").textContent = parts.join("  ·  ");
}
