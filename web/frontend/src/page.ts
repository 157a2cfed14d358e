// On every page: Tabler's styles and htmx.
import "@tabler/core/dist/css/tabler.min.css";
import "htmx.org";
