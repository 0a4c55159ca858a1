const PATHS = {
  add: 'M12 5v14M5 12h14',
  alert: 'M12 8v5M12 16.5v.1M12 3.5 2.8 19.5h18.4z',
  back: 'M15 5l-7 7 7 7',
  block: 'M5.6 5.6l12.8 12.8M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  clock: 'M12 7v5l3 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  close: 'M6 6l12 12M18 6L6 18',
  delivered: 'M2.5 12.5l4.5 4.5L17 7M11.5 16l1 1L22.5 7',
  down: 'M12 5v14M6 13l6 6 6-6',
  flag: 'M5 21V4M5 4.5h12l-2.5 4 2.5 4H5',
  leave: 'M14 4H5v16h9M10 12h11M17 8l4 4-4 4',
  more: 'M12 5.5v.1M12 12v.1M12 18.5v.1',
  next: 'M4 6l7 6-7 6zM13 6l7 6-7 6z',
  send: 'M12 19V5M6 11l6-6 6 6',
} as const;

/** A picture beside words, never instead of them: hidden from assistive technology. */
export function Icon({ name }: { readonly name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false" data-icon={name}>
      <path d={PATHS[name]} />
    </svg>
  );
}

/** Parley’s mark: two who speak, and what they share. */
export function Mark({ lively = false }: { readonly lively?: boolean }) {
  return (
    <svg class="mark" viewBox="0 0 48 48" aria-hidden="true" focusable="false" data-lively={lively}>
      <path class="mark-two" d="M30 14a13 13 0 1 0 6.7 24.1l5.6 2-1.9-5.4A13 13 0 0 0 30 14z" />
      <path class="mark-one" d="M18 5a14 14 0 1 1-7.2 26L5 33l2-5.6A14 14 0 0 1 18 5z" />
      <path class="mark-both" d="M31.1 14A14 14 0 0 1 18.5 33 13 13 0 0 1 31.1 14z" />
    </svg>
  );
}
