// Starts nhsuk-frontend's components. Every page works without this file.
import { initAll } from "../nhsuk/nhsuk.js";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
initAll();
