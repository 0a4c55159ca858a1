import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon } from './icons.js';

export interface MenuItem {
  readonly label: string;
  readonly icon: Parameters<typeof Icon>[0]['name'];
  readonly dangerous?: boolean;
  readonly choose: () => void;
}

export interface MenuProps {
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly children: ComponentChildren;
}

/** A button with a menu, by the keys of the ARIA menu button pattern. */
export function Menu({ label, items, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const move = (to: (at: number, count: number) => number) => {
    const entries = [...list.current!.querySelectorAll('button')];
    const at = entries.indexOf(document.activeElement as HTMLButtonElement);
    entries.at(to(at, entries.length) % entries.length)?.focus();
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => move((at) => at + 1),
    ArrowUp: () => move((at) => Math.max(at, 0) - 1),
    Home: () => move(() => 0),
    End: () => move((_, count) => count - 1),
    Escape: close,
  };

  // Before the next key is pressed: it is for the first item.
  useLayoutEffect(() => {
    if (!open) return;
    list.current!.querySelector('button')!.focus();
    const outside = (event: PointerEvent) => {
      if (!root.current!.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);

  return (
    <div
      ref={root}
      class="menu"
      onKeyDown={(event) => {
        const act = open ? keys[event.key] : undefined;
        if (act === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        act();
      }}
      onFocusOut={(event) => {
        const to = event.relatedTarget as Node | null;
        if (to !== null && !root.current!.contains(to)) setOpen(false);
      }}
    >
      <button
        ref={button}
        type="button"
        class="icon-button"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {children}
      </button>
      {open && (
        <div ref={list} id={id} class="menu-list" role="menu" aria-label={label}>
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              class="menu-item"
              data-dangerous={item.dangerous}
              onClick={() => {
                close();
                item.choose();
              }}
            >
              <Icon name={item.icon} />
              {item.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
