/* Draws each chart in the version that fits its width, again when the width changes, and at paper width for print. */
(function () {
  "use strict";
  var NARROW = 560;
  var PAPER = 680;
  var HALF_PAPER = 315;
  var CONFIG = { displayModeBar: false, scrollZoom: false, doubleClick: false, showTips: false, responsive: false };
  var nodes = Array.prototype.slice.call(document.querySelectorAll("[data-chart]"));

  /* A small chart has one version, the others a narrow one too. */
  function version(node, width) {
    return width < NARROW && document.getElementById(node.dataset.chart + "-narrow") ? "narrow" : "wide";
  }

  function draw(node, width) {
    if (!width) { return; }
    var fitting = version(node, width);
    var drawing = JSON.parse(document.getElementById(node.dataset.chart + "-" + fitting).textContent);
    drawing.layout.width = width;
    node.style.height = drawing.layout.height + "px";
    node.dataset.width = String(width);
    /* The explanation above it may be another one for the narrow version. */
    node.parentNode.dataset.version = fitting;
    /* Plotly.react would glide a Sankey from width to width, and a print is taken before its bands arrive. */
    Plotly.purge(node);
    Plotly.newPlot(node, drawing.data, drawing.layout, CONFIG);
  }

  function fit(node) {
    var width = Math.floor(node.clientWidth);
    if (String(width) !== node.dataset.width) { draw(node, width); }
  }

  function print() {
    nodes.forEach(function (node) { draw(node, node.closest(".small") ? HALF_PAPER : PAPER); });
  }

  nodes.forEach(fit);
  if (window.ResizeObserver) {
    var observer = new ResizeObserver(function (entries) {
      window.requestAnimationFrame(function () { entries.forEach(function (entry) { fit(entry.target); }); });
    });
    nodes.forEach(function (node) { observer.observe(node); });
  }
  window.addEventListener("beforeprint", print);
  window.addEventListener("afterprint", function () { nodes.forEach(fit); });
})();
