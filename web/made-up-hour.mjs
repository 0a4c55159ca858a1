/** An hour as a service might have it, so that nobody must wait that long for a picture. The same every time. */
const INTERVAL_MS = 10_000;
const MOMENTS = 360;

/** The figures of an hour until now, as the operator API answers them. @param pools their names, the busiest first */
export function madeUpHour(pools) {
  const random = seeded(7);
  const end = Math.floor(Date.now() / INTERVAL_MS) * INTERVAL_MS;
  const at = Array.from({ length: MOMENTS }, (_, i) => end - (MOMENTS - 1 - i) * INTERVAL_MS);
  /** Goes up and down around a level, now and then more. */
  const course = (level, sway, noise, bump = 0) => {
    let drift = 0;
    return at.map((_, i) => {
      drift = drift * 0.9 + (random() - 0.5) * noise;
      const slow = Math.sin(i / 55 + level) * sway;
      return Math.max(0, level + slow + drift + bump * Math.exp(-(((i - 318) / 9) ** 2)));
    });
  };
  const whole = (values) => values.map(Math.round);
  const fine = (values) => values.map((value) => Number(value.toPrecision(4)));
  const matches = course(88, 14, 12, -20);
  const series = [
    ...pools.map((pool, i) => ['waiting', pool, 'count', whole(course([9, 5, 3][i] ?? 2, 2, 3, [26, 4, 2][i] ?? 0))]),
    ['participants', null, 'count', whole(course(412, 38, 9))],
    ['rooms', null, 'count', whole(course(186, 17, 6, -12))],
    ['messages', null, 'per_minute', whole(course(1_460, 190, 120))],
    ['matches', null, 'per_minute', whole(matches)],
    ['arrivals', null, 'per_minute', whole(matches.map((value, i) => value * 2 + (i > 305 && i < 325 ? 45 : 3)))],
    ['wait_p50', null, 'seconds', fine(course(2.6, 0.7, 0.8, 6))],
    ['wait_p95', null, 'seconds', fine(course(9.5, 2, 2.5, 19))],
    ['streams', null, 'count', whole(course(398, 36, 9))],
    ['waits', null, 'count', whole(course(74, 8, 6))],
    ['sessions', null, 'count', whole(course(301, 25, 8))],
    ['delivery_lag_p50', null, 'seconds', fine(course(0.0011, 0.0002, 0.0003))],
    ['delivery_lag_p99', null, 'seconds', fine(course(0.0056, 0.0008, 0.002, 0.004))],
    ['decisions', 'runs', 'per_minute', whole(course(230, 25, 20, 60))],
    ['decisions', 'accepted', 'per_minute', whole(matches)],
    ['decisions', 'refused', 'per_minute', whole(course(6, 2, 4))],
    ['errors', 'limited', 'per_minute', whole(course(2, 1, 4, 9))],
    ['errors', 'refused', 'per_minute', whole(course(11, 3, 6))],
    ['event_loop_p99', null, 'seconds', fine(course(0.0042, 0.0006, 0.0015, 0.006))],
    ['strategy_p99', null, 'seconds', fine(course(0.0009, 0.0001, 0.0003, 0.0006))],
  ];
  return {
    interval_ms: INTERVAL_MS,
    at,
    series: series.map(([name, of, unit, values]) => ({ name, of, unit, values })),
  };
}

/** Numbers from 0 to 1 (Park and Miller). */
function seeded(seed) {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
