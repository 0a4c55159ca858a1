import { describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import type { MessageModerator, Utterance, Verdict } from '../../../src/index.js';
import { connectV2 } from '../../support/clients.js';
import { useParley } from '../../support/parley.js';

@Injectable()
class Etiquette {
  readonly forbidden = 'darn';
}

@Module({ providers: [Etiquette], exports: [Etiquette] })
class EtiquetteModule {}

@Injectable()
class PoliteModerator implements MessageModerator {
  readonly name = 'polite';

  constructor(private readonly etiquette: Etiquette) {}

  async judge({ text }: Utterance): Promise<Verdict> {
    if (text === 'crash') throw new Error('it does not know');
    return text.includes(this.etiquette.forbidden)
      ? { verdict: 'refuse', reason: 'that is not polite' }
      : { verdict: 'pass' };
  }
}

describe('a moderator of the host application', () => {
  const parley = useParley();

  it('is asked about what people write, and what it cannot judge is refused', async () => {
    await parley.start({ moderator: { useClass: PoliteModerator, imports: [EtiquetteModule] } });
    const { ann, ben, roomId } = await parley.pair(connectV2);
    expect(await ann.refused('send_message', { room_id: roomId, message: 'darn!' })).toMatchObject({
      error: 'This message is not allowed here: that is not polite',
    });
    expect(await ann.refused('send_message', { room_id: roomId, message: 'crash' })).toMatchObject({
      code: 'unavailable',
    });
    await ann.say(roomId, 'hello');
    await ben.hearsMessage('hello');
    expect(ben.messagesHeard).toEqual(['hello']);
  });
});
