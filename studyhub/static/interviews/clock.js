// Lets the clock of an interview run from the start that the server keeps.

function two(number) {
  return String(number).padStart(2, "0");
}

for (const place of document.querySelectorAll("[data-started]")) {
  const started = Date.parse(place.dataset.started);
  // What the server says has passed, so that a wrong clock of this device does no harm.
  const [hours, minutes, seconds] = place.textContent.split(":").map(Number);
  const ahead = Date.now() - started - (hours * 3600 + minutes * 60 + seconds) * 1000;
  setInterval(() => {
    const passed = Math.max(0, Math.floor((Date.now() - started - ahead) / 1000));
    place.textContent = `${two(Math.floor(passed / 3600))}:${two(Math.floor(passed / 60) % 60)}:${two(passed % 60)}`;
  }, 1000);
}
