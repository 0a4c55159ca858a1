import './styles/index.css';

export { Chat, type ChatProps } from './chat.js';
