// Starts what every page shares. Trusted Types are required: text goes in by textContent, never as HTML.
import { initAll } from "./govuk-frontend.min.js";
import { watch } from "./idle.js";

initAll();
watch(document.body);
