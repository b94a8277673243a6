// What the theme leaves unnamed, or out of the keyboard's reach.
addEventListener("load", () => {
  document.querySelector(".md-search")?.setAttribute("aria-label", "Search");
  for (const table of document.querySelectorAll(".md-typeset__scrollwrap")) {
    table.tabIndex = 0; // a wide table is scrolled by the arrows
    table.setAttribute("role", "group");
    table.setAttribute("aria-label", "Table");
  }
});
