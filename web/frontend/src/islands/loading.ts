// Islands that stand in forms are loaded only where a page has one.
if (document.querySelector('[data-island="place"]')) void import("../place");
if (document.querySelector('input[type=file][accept^="image/"]')) void import("../photo");
