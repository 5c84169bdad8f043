// Comfort on the sign-in pages, which work without it: show what is typed, and say that a press counted.
for (const box of document.querySelectorAll("[data-shows]")) {
  box.parentElement.hidden = false;
  box.addEventListener("change", () => {
    for (const id of box.dataset.shows.split(" ")) {
      const field = document.getElementById(id);
      if (field) field.type = box.checked ? "text" : "password";
    }
  });
}

for (const form of document.forms) {
  const button = form.querySelector("[data-busy]");
  if (!button) continue;
  const usual = button.textContent;
  form.addEventListener("submit", () => {
    button.disabled = true;
    button.textContent = button.dataset.busy;
  });
  // Back from the next page the button must work again.
  addEventListener("pageshow", () => {
    button.disabled = false;
    button.textContent = usual;
  });
}
