import type { ParleyConfig } from '../config/index.js';
import type { NotificationsService, WaitResult } from '../notifications/index.js';
import type { CallContext } from './call-context.js';

type Request = Omit<Parameters<NotificationsService['wait']>[0], 'timeoutMs' | 'onStart'>;

/**
 * Waits for events on behalf of a call: at most the configured cap, with progress while it lasts if the caller asked
 * for it, and no longer than the caller is there.
 */
export async function waitForEvents(
  notifications: NotificationsService,
  { waitMaxSeconds, waitProgressMs }: ParleyConfig,
  call: CallContext,
  seconds: number,
  request: Request,
): Promise<WaitResult> {
  const total = Math.min(seconds, waitMaxSeconds);
  const { progressToken } = call;
  let timer: NodeJS.Timeout | undefined;
  if (progressToken !== undefined && total > 0) {
    let progress = 0;
    const report = () => {
      progress += waitProgressMs / 1000;
      if (progress < total) {
        call.notify('notifications/progress', { progressToken, progress, total, message: 'Still waiting' });
      }
    };
    timer = setInterval(report, waitProgressMs);
  }
  try {
    return await notifications.wait({
      ...request,
      timeoutMs: total * 1000,
      onStart: (stop) => call.onCancel(stop),
    });
  } finally {
    clearInterval(timer);
  }
}
