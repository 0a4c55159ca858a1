import { Injectable, Module } from '@nestjs/common';

const SYNONYMS: Readonly<Record<string, string>> = { football: 'soccer', gardening: 'plants' };

/** What people write and what they mean. In a real application this might read a database at start. */
@Injectable()
export class TopicsService {
  normalise(topic: string): string {
    const word = topic.trim().toLowerCase();
    return SYNONYMS[word] ?? word;
  }
}

@Module({ providers: [TopicsService], exports: [TopicsService] })
export class TopicsModule {}
