// Search and filter above the tables of the feature catalogue. Without scripts they are plain tables.
// What can be chosen is read from the tables' own headings and cells.
(function () {
  "use strict";

  const FAMILIES = {
    "silver.future.market": "MARKET, futures",
    "silver.future.level_{level}": "LEVEL",
    "silver.future_option.market": "MARKET, options",
  };

  function start() {
    const title = document.querySelector("h1");
    if (!title || !/^Features/.test(title.textContent)) return;
    const sections = [...document.querySelectorAll("article h2")].map(section).filter(Boolean);
    const rows = sections.flatMap((one) => one.rows);
    if (!rows.length) return;
    const levels = levelNames();
    const form = document.createElement("form");
    form.className = "feature-filter";
    form.setAttribute("role", "search");
    form.setAttribute("aria-label", "Features");
    const controls = {
      text: field(form, "Search", input()),
      family: field(form, "Family", select(sections.map((one) => one.family))),
      level: field(form, "Level", select(levels)),
      unit: field(form, "Unit", select(values(rows, "unit"))),
      window: field(form, "Window", select(values(rows, "window"))),
      source: field(form, "Source", select(values(rows, "source"))),
    };
    const count = document.createElement("p");
    count.className = "count";
    count.setAttribute("role", "status");
    const reset = document.createElement("button");
    reset.type = "reset";
    reset.textContent = "clear";
    form.append(count, reset);
    sections[0].heading.before(form);

    function update() {
      const words = controls.text.value.toLowerCase().split(/\s+/).filter(Boolean);
      const filtered = Object.values(controls).some((control) => control.value);
      let shown = 0;
      for (const one of sections) {
        const before = shown;
        for (const row of one.rows) {
          const found = matches(row, one, words);
          row.element.classList.toggle("feature-hidden", !found);
          shown += found;
          if (one.isLevel) rename(row, controls.level.value);
        }
        const empty = shown === before;
        for (const part of one.elements) part.classList.toggle("feature-hidden", empty);
        // What is said of the whole table is in the way of what was found.
        for (const part of one.prose) part.classList.toggle("feature-hidden", empty || filtered);
      }
      count.textContent = `${shown} of ${rows.length} features`;
    }

    function matches(row, one, words) {
      const level = controls.level.value;
      if (controls.family.value && controls.family.value !== one.family) return false;
      if (level && (!one.isLevel || (row.levels.length && !row.levels.includes(level)))) return false;
      for (const name of ["unit", "window", "source"]) {
        if (controls[name].value && row.cells[name] !== controls[name].value) return false;
      }
      const own = row.levels.length ? row.levels : levels;
      const names = one.isLevel ? own.map((name) => row.name.replace("{level}", name)).join(" ") : "";
      const text = `${row.text} ${names}`.toLowerCase();
      return words.every((word) => text.includes(word));
    }

    form.addEventListener("input", update);
    form.addEventListener("reset", () => setTimeout(update));
    form.addEventListener("submit", (event) => event.preventDefault());
    update();
  }

  function section(heading) {
    const key = heading.textContent.replace(/[¶\s]+$/, "");
    const elements = [heading];
    let table = null;
    for (let next = heading.nextElementSibling; next && next.tagName !== "H2"; next = next.nextElementSibling) {
      elements.push(next);
      const found = next.matches("table") ? next : next.querySelector("table");
      if (found && found.querySelector("th")?.textContent.trim() === "feature") table = found;
    }
    if (!table) return null;
    table.classList.add("feature-cards");
    const prose = elements.filter((one) => one !== heading && !one.contains(table));
    const names = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent.trim());
    const rows = [...table.querySelectorAll("tbody tr")].map((element) => {
      const cells = {};
      [...element.cells].forEach((cell, i) => { 
        cells[names[i]] = cell.textContent.trim();
        cell.dataset.of = names[i];
      });
      const levels = (cells.levels || "").split(/[,\s]+/).filter(Boolean);
      return { element, cells, levels, name: cells.feature, text: element.textContent, code: element.querySelector("code") };
    });
    const family = FAMILIES[key] || key;
    return { heading, elements, prose, rows, family, isLevel: family === "LEVEL" };
  }

  function levelNames() {
    const table = [...document.querySelectorAll("article table")].find(
      (one) => one.querySelector("th")?.textContent.trim() === "level");
    return table ? [...table.querySelectorAll("tbody tr")].map((row) => row.cells[0].textContent.trim()) : [];
  }

  function rename(row, level) {
    const name = level ? row.name.replace("{level}", level) : row.name;
    if (row.code.textContent !== name) row.code.textContent = name;
  }

  function values(rows, name) {
    return [...new Set(rows.map((row) => row.cells[name]).filter(Boolean))].sort((a, b) =>
      a.localeCompare(b, "en", { numeric: true }));
  }

  function input() {
    const made = document.createElement("input");
    made.type = "search";
    made.placeholder = "name, meaning, source";
    return made;
  }

  function select(names) {
    const made = document.createElement("select");
    for (const name of ["", ...names]) made.append(new Option(name || "all", name));
    return made;
  }

  function field(form, words, control) {
    const label = document.createElement("label");
    label.append(words, control);
    control.setAttribute("aria-label", words); // without the words of its choices
    form.append(label);
    return control;
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
