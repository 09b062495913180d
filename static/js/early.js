// Before anything is drawn: what would otherwise move under the reader's eyes once portal.js has come.
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("js", "starting");
  try {
    if (localStorage.getItem("large-type") === "1") { root.classList.add("large"); }
  } catch (refused) { /* a browser that keeps nothing */ }
  // Should portal.js not come, nothing stays hidden for it.
  window.addEventListener("load", function () { root.classList.remove("starting"); });
})();
