export interface ActButtonProps {
  readonly label: string;
  /** Says of what, where the label alone would not. */
  readonly of?: string;
  readonly dangerous?: boolean;
  readonly onClick: () => void;
}

/** Opens the question whether to do something. */
export const ActButton = ({ label, of, dangerous = false, onClick }: ActButtonProps) => (
  <button
    type="button"
    class="button button-small"
    data-dangerous={dangerous}
    aria-label={of === undefined ? undefined : `${label} ${of}`}
    onClick={onClick}
  >
    {label}
  </button>
);
