import { Module } from '@nestjs/common';
import { ParleyModule } from 'mcp-parley';
import { SharedTopicStrategy } from './shared-topic.strategy.js';
import { TopicsModule } from './topics.module.js';

@Module({
  imports: [ParleyModule.register({ matching: { useClass: SharedTopicStrategy, imports: [TopicsModule] } })],
})
export class AppModule {}
