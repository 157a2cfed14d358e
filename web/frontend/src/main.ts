// On every page: Tabler's styles, ours, htmx, and the small helps that a page works without.
import "@tabler/core/dist/css/tabler.min.css";
import "./style.css";
import "./desk.css";
import "./acts.css";
import "./public.css";
import "./inbox.css";
import "./clocks.css";
import "./emergency.css";
import "./permits.css";
import "./assessment.css";
import "./trials.css";
import "htmx.org";
import "./helps";
import "./islands/loading";
