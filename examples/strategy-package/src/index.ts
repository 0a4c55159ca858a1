export { RatingOptions, RatingStrategy as default } from './rating.strategy.js';
