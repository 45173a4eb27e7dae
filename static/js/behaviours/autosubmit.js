/* Sends its form as soon as a choice changes; the form's own button stays for the keyboard without scripts. */
export default function autosubmit(form, signal) {
  form.addEventListener("change", () => form.requestSubmit(), { signal });
}
