// The Log out button: what was typed last is saved first, for once somebody has logged out nothing
// is taken from their pages any more. The button never waits for long, whatever the network does.

const LONGEST_WAIT = 2000;

// By the document, for what was locked is made anew.
document.addEventListener("submit", async (event) => {
  const { target } = event;
  if (target.id !== "log-out") {
    return;
  }
  event.preventDefault();
  const saving = [];
  document.dispatchEvent(new CustomEvent("app:before-log-out", { detail: saving }));
  const enough = new Promise((resolve) => {
    setTimeout(resolve, saving.length ? LONGEST_WAIT : 0);
  });
  await Promise.race([Promise.all(saving), enough]);
  target.submit();
});
