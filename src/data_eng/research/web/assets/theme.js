// The theme: that of the system, or the one chosen by the button.
const themeButton = document.getElementById("theme");
const themeListeners = [];
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");
const THEMES = ["auto", "dark", "light"];
const THEME_WORDS = { auto: "as the system", dark: "dark", light: "light" };

function setTheme(name) {
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  themeButton.textContent = "Theme: " + name;
  themeButton.setAttribute("aria-label", "Theme: " + THEME_WORDS[name]);
  themeButton.dataset.name = name;
  for (const listen of themeListeners) listen();
}

// Some browsers keep nothing for pages opened from a file.
function keptTheme() {
  try {
    return localStorage.getItem("data-eng-theme");
  } catch (error) {
    return null;
  }
}
function keepTheme(name) {
  try {
    localStorage.setItem("data-eng-theme", name);
  } catch (error) {
    /* the page works without */
  }
}

themeButton.addEventListener("click", () => {
  const name = THEMES[(THEMES.indexOf(themeButton.dataset.name) + 1) % THEMES.length];
  setTheme(name);
  keepTheme(name);
});
systemDark.addEventListener("change", () => themeListeners.forEach((listen) => listen()));
setTheme(THEMES.includes(keptTheme()) ? keptTheme() : "auto");
