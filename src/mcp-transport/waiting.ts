import type { ParleyConfig } from '../config/index.js';
import type { NotificationsService, WaitResult } from '../notifications/index.js';
import type { CallContext } from './call-context.js';

type Request = Omit<Parameters<NotificationsService['wait']>[0], 'timeoutMs' | 'onStart'>;

/**
 * Waits for events on behalf of a call: at most the configured cap, with progress while it lasts if the caller asked
 * for it, and no longer than the caller is there.
 */
export function waitForEvents(
  notifications: NotificationsService,
  { waitMaxSeconds, waitProgressMs }: ParleyConfig,
  call: CallContext,
  seconds: number,
  { participantId, after, roomId, until }: Request,
): Promise<WaitResult> {
  const total = Math.min(seconds, waitMaxSeconds);
  const timeoutMs = total * 1000;
  const onStart = (stop: () => void) => {
    call.onCancel(stop);
    call.exchange.onGrantEnd(stop);
  };
  const result = notifications.wait({ participantId, after, roomId, until, timeoutMs, onStart });
  const { progressToken } = call;
  if (progressToken === undefined || total <= 0) return result;
  let progress = 0;
  const report = () => {
    progress += waitProgressMs / 1000;
    if (progress < total) {
      call.notify('notifications/progress', { progressToken, progress, total, message: 'Still waiting' });
    }
  };
  const timer = setInterval(report, waitProgressMs);
  return result.finally(() => clearInterval(timer));
}
