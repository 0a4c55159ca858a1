import { useId, useState } from 'preact/hooks';
import type { Pool } from '../api/answers.js';
import { Problem } from '../api/problem.js';
import { useDesk } from '../desk.js';
import { ConfirmDialog } from '../parts/confirm-dialog.js';

export interface StrategyDialogProps {
  readonly pool: Pool;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

const BUILT_IN = ['fifo', 'priority', 'affinity', 'skills'];

/** Chooses who decides who meets whom in a pool. */
export function StrategyDialog({ pool, onDone, onClose }: StrategyDialogProps) {
  const { api, say } = useDesk();
  const { name, options, by_operator: byOperator } = pool.strategy;
  const [strategy, setStrategy] = useState(name);
  const [given, setGiven] = useState(JSON.stringify(options, null, 2));
  const [configured, setConfigured] = useState(false);
  const [strategyId, listId, optionsId, helpId] = [useId(), useId(), useId(), useId()];

  const act = () =>
    configured
      ? api.changePool(pool.pool, { strategy: null })
      : api.changePool(pool.pool, { strategy: strategy.trim(), options: optionsIn(given) });
  return (
    <ConfirmDialog
      title={`Switch the strategy of “${pool.pool}”?`}
      action="Switch"
      act={act}
      onDone={() => {
        say(`“${pool.pool}” has another strategy.`);
        onDone();
      }}
      onClose={onClose}
    >
      <p>
        Whoever waits keeps their place and is matched by the new strategy, on every instance within a second. If it
        cannot be loaded, or an option is wrong, nothing changes and you are told why.
      </p>
      {byOperator && (
        <label class="check">
          <input
            type="checkbox"
            checked={configured}
            onChange={({ currentTarget }) => setConfigured(currentTarget.checked)}
          />
          Back to the strategy that is configured
        </label>
      )}
      <div class="field">
        <label for={strategyId}>Strategy</label>
        <input
          id={strategyId}
          list={listId}
          required={!configured}
          disabled={configured}
          value={strategy}
          autocomplete="off"
          spellcheck={false}
          onInput={({ currentTarget }) => setStrategy(currentTarget.value)}
        />
        <datalist id={listId}>
          {BUILT_IN.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      </div>
      <div class="field">
        <label for={optionsId}>Options</label>
        <textarea
          id={optionsId}
          class="code"
          rows={4}
          disabled={configured}
          spellcheck={false}
          aria-describedby={helpId}
          value={given}
          onInput={({ currentTarget }) => setGiven(currentTarget.value)}
        />
        <p id={helpId} class="help">
          A JSON object; those that are left out have their defaults.
        </p>
      </div>
    </ConfirmDialog>
  );
}

function optionsIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const options: unknown = JSON.parse(text.trim() === '' ? '{}' : text);
    if (typeof options === 'object' && options !== null && !Array.isArray(options))
      return options as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new Problem(0, 'The options are not a JSON object, such as {"widen_after_seconds": 30}.');
}
