// Offers a field to draw one's name in, where there is script. Nothing is drawn until a person does,
// and the typed name is always enough unless the study says otherwise.

const WIDTH = 600;
const HEIGHT = 180;

/** Put the field into the place the page keeps for it. The picture goes into the hidden input. */
function offer(place) {
  const target = place.querySelector("input[name=drawing]");
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  Object.assign(canvas.style, { display: "block", width: "100%", marginBottom: "15px", border: "2px solid", background: "#fff", touchAction: "none" });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "Field to draw your signature in, with a finger or a mouse");
  const label = document.createElement("p");
  label.className = "govuk-label";
  label.textContent = "Your signature (optional)";
  const clear = document.createElement("button");
  clear.type = "button";
  clear.className = "govuk-button govuk-button--secondary";
  clear.textContent = "Clear the drawing";
  const pen = canvas.getContext("2d");

  function at(event) {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * WIDTH) / box.width, ((event.clientY - box.top) * HEIGHT) / box.height];
  }

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pen.lineWidth = 3;
    pen.lineCap = "round";
    pen.beginPath();
    pen.moveTo(...at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    pen.lineTo(...at(event));
    pen.stroke();
  });
  canvas.addEventListener("pointerup", () => {
    target.value = canvas.toDataURL("image/png");
  });
  clear.addEventListener("click", () => {
    pen.clearRect(0, 0, WIDTH, HEIGHT);
    target.value = "";
  });
  place.append(label, canvas, clear);
}

for (const place of document.querySelectorAll("[data-drawing]")) offer(place);
