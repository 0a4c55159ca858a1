/**
 * Lets forms be sent in a frame whose sandbox forbids that (`allow-forms` is up to the host). Nothing is sent anywhere:
 * all that is wanted of a form here is its `submit` event, which such a frame does not get.
 */
export function letFormsSubmit(): void {
  const submit = (form: HTMLFormElement, submitter?: HTMLElement | null) => {
    if (!form.noValidate && !form.reportValidity()) return;
    form.dispatchEvent(new SubmitEvent('submit', { bubbles: true, cancelable: true, submitter }));
  };
  HTMLFormElement.prototype.requestSubmit = function (submitter) {
    submit(this, submitter);
  };
  // Enter in a field clicks the form's button as well.
  document.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>('button');
    if (!button?.form || button.type !== 'submit' || button.disabled || event.defaultPrevented) return;
    event.preventDefault();
    submit(button.form, button);
  });
}
