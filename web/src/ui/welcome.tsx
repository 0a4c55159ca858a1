import { Mark } from './icons.js';

/** What Parley is, for those who have just come. */
export function Welcome() {
  return (
    <div class="welcome">
      <p class="wordmark">
        <Mark />
        Parley
      </p>
      <h1 tabIndex={-1} data-heading>
        Find someone to talk with.
      </h1>
      <p class="welcome-lead">
        Tell Parley your name and what you like. It finds you a partner, and you talk. No account, nothing to install.
      </p>
      <div class="sample" aria-hidden="true">
        <p>You like hiking too?</p>
        <p>Every weekend. Where do you go?</p>
        <p class="dots">
          <i />
          <i />
          <i />
        </p>
      </div>
    </div>
  );
}
