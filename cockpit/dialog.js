// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A question before something is done, which stays open while it is, and says
// what went wrong.
import { make, alert } from "./dom.js";

// confirm({title, body: [element...], action, danger, run}): run's error is shown.
export function confirm({ title, body, action, danger = false, run }) {
    const said = make("div", { "aria-live": "assertive" });
    const go = make(`button.${danger ? "danger" : "primary"}`, { type: "submit" }, action);
    const cancel = make("button.plain", { type: "button", onclick: () => dialog.close() }, "Cancel");
    const form = make("form", { method: "dialog" }, make("h2", { id: "dialog-title" }, title), ...body, said,
                      make("div.actions", null, go, cancel));
    const dialog = make("dialog", { "aria-labelledby": "dialog-title" }, form);

    form.addEventListener("submit", async event => {
        event.preventDefault();
        go.disabled = cancel.disabled = true;
        said.replaceChildren();
        try {
            await run();
            dialog.close();
        } catch (error) {
            said.replaceChildren(alert("danger", "This was not done", error.message));
        }
        go.disabled = cancel.disabled = false;
    });
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    if (danger)
        cancel.focus(); // Return alone does no harm
}
