import { BlockParticipantTool } from './block-participant.tool.js';
import { EnterQueueTool } from './enter-queue.tool.js';
import { GetMessagesTool } from './get-messages.tool.js';
import { GetStatusTool } from './get-status.tool.js';
import { JoinRoomTool } from './join-room.tool.js';
import { LeaveChatTool } from './leave-chat.tool.js';
import { LeaveQueueTool } from './leave-queue.tool.js';
import { PollChatTool } from './poll-chat.tool.js';
import { ReportParticipantTool } from './report-participant.tool.js';
import { RespondToMatchTool } from './respond-to-match.tool.js';
import { SearchMessagesTool } from './search-messages.tool.js';
import { SendMessageTool } from './send-message.tool.js';
import { SetTypingTool } from './set-typing.tool.js';
import { WaitForMessageTool } from './wait-for-message.tool.js';

/** The chat tools in the order in which clients see them. */
export const CHAT_TOOLS = [
  EnterQueueTool,
  LeaveQueueTool,
  RespondToMatchTool,
  JoinRoomTool,
  SendMessageTool,
  WaitForMessageTool,
  GetMessagesTool,
  SearchMessagesTool,
  LeaveChatTool,
  GetStatusTool,
  SetTypingTool,
  BlockParticipantTool,
  ReportParticipantTool,
  PollChatTool,
] as const;
