// Sends a scan, a sound or a letter as it is, without a form around it, and keeps the id it gets.

/** Send what was chosen at once; the rest follows with the form. */
async function send(place, file) {
  const said = place.querySelector("[role=status]");
  const kept = place.querySelector("input[type=hidden]");
  const what = place.dataset.what ?? "scan";
  const advice = place.dataset.advice ?? "Choose a PDF, JPEG or PNG of at most 20 MB and try again.";
  kept.value = "";
  said.textContent = `The ${what} is being sent.`;
  try {
    const answer = await fetch(place.dataset.scan, {
      method: "POST",
      headers: {
        "X-CSRF-Token": place.closest("form").elements.csrf_token.value,
        "Content-Type": file.type || "application/octet-stream",
        Accept: "application/json",
      },
      body: file,
    });
    if (!answer.ok) throw new Error(String(answer.status));
    kept.value = (await answer.json())[kept.name];
    said.textContent = `The ${what} was received whole.`;
  } catch {
    said.textContent = `The ${what} was not taken. ${advice}`;
  }
}

for (const place of document.querySelectorAll("[data-scan]")) {
  const input = place.querySelector("input[type=file]");
  input.addEventListener("change", () => input.files.length && send(place, input.files[0]));
}
