import { IsInt, IsNumber, Matches, Max, Min, ValidateBy } from 'class-validator';
import { ATTRIBUTE_NAME } from '../../domain/participant.js';

/** An option that is a number from `min` to `max`. */
export function InRange(min: number, max: number): PropertyDecorator {
  const message = `must be a number from ${min} to ${max}`;
  return (target, property) => {
    IsNumber({}, { message })(target, property);
    Min(min, { message })(target, property);
    Max(max, { message })(target, property);
  };
}

/** An option that is a whole number from `min` to `max`. */
export function WholeInRange(min: number, max: number): PropertyDecorator {
  const message = `must be a whole number from ${min} to ${max}`;
  return (target, property) => {
    IsInt({ message })(target, property);
    Min(min, { message })(target, property);
    Max(max, { message })(target, property);
  };
}

/** An option that names an attribute of participants. */
export const IsAttribute = () => Matches(ATTRIBUTE_NAME, { message: 'must be the name of an attribute' });

/** An option with a rule of its own. @param rule what it must be, e.g. `must be above floor` */
export const Obeys = <T extends object>(holds: (value: unknown, options: T) => boolean, rule: string) =>
  ValidateBy({
    name: 'obeys',
    validator: { validate: (value, args) => holds(value, args!.object as T), defaultMessage: () => rule },
  });
