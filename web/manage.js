// The page of a booking's link: `manage.html?key=<widget key>#greenroom=<token>`. The token stays in
// the browser; the widget does the rest.
(() => {
  "use strict";
  const key = new URLSearchParams(location.search).get("key");
  if (!key) {
    document.getElementById("missing").hidden = false;
    return;
  }
  const script = document.createElement("script");
  script.src = "widget.js";
  script.dataset.key = key;
  document.getElementById("booking").append(script);
})();
