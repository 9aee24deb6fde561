/** Around a house: gate, driveway, front door, garden. */
import { ASPHALT, ASPHALT_TONES, GRASS_TONES, HEDGE, LINE, meadow, windows, type Place } from "./ground";
import { car } from "./people-and-vehicles";
import { barrier, box, frameAt, house, lamp, mottle, tree, type Panel } from "./solids";

export const gate: Place = {
  eye: { at: [1.1, 0, 2.7], yaw: -4, pitch: -9.5, focal: 1.3 },
  build(world) {
    meadow(world);
    world.patch(-2.9, 0, 2.9, 60, ASPHALT);
    mottle(world, [-2.6, 2, 2.6, 26], 5, ASPHALT_TONES, 60);
    for (const x of [-2.9, 2.75]) world.patch(x, 0, x + 0.15, 60, LINE);
    world.patch(-60, 60, 60, 68, ASPHALT);
    for (let y = 4; y < 11; y += 7) world.patch(-2.7, y + 7.4, 2.7, y + 7.75, LINE);
    barrier(world, [-3.9, 6], [-3.9, 30], 1.3, 0.9, HEDGE);
    barrier(world, [4, 8], [4, 30], 1.3, 0.9, HEDGE);
    for (const x of [-3.5, 3.5]) box(world, frameAt(x, 13), 0.6, 0.6, 2, [178, 162, 140]);
    // The gate stands open, slid to the left.
    for (let i = 0; i < 9; i++) box(world, frameAt(-3.9 - i * 0.34, 12.6), 0.07, 0.07, 1.7, [64, 68, 72]);
    box(world, frameAt(-5.3, 12.6), 3, 0.08, 0.16, [64, 68, 72]);
    house(world, frameAt(13, 40, -12), {
      width: 12,
      depth: 9,
      height: 4.6,
      roof: 3,
      wall: [206, 192, 170],
      tiles: [138, 74, 58],
      panels: windows(-5.5, 5.5, 4, 1.6, 3.2),
    });
    for (const [x, y, height, seed] of [
      [-11, 26, 8, 1],
      [-17, 36, 9, 2],
      [9, 27, 6.5, 3],
      [-24, 60, 11, 4],
      [26, 62, 11, 5],
    ] as const)
      tree(world, x, y, height, seed);
    lamp(world, -3.6, 19, 5);
  },
  walk: (share) => ({ x: -1.9, y: 20 - 13 * share, going: 0 }),
  drive: (share) => ({ x: 0.1, y: 34 - 27.4 * share, heading: 180 }),
};

export const driveway: Place = {
  eye: { at: [-5, -2, 4.2], yaw: 14, pitch: -14, focal: 0.82 },
  build(world) {
    meadow(world);
    world.patch(-2.4, -4, 4, 15, [158, 146, 128]);
    mottle(
      world,
      [-2, 1, 3.8, 14.5],
      7,
      [
        [186, 174, 154],
        [122, 112, 98],
      ],
      90,
    );
    world.patch(-60, 27, 80, 33, ASPHALT);
    house(world, frameAt(1, 19), {
      width: 9,
      depth: 7,
      height: 3,
      roof: 2.2,
      wall: [214, 206, 190],
      tiles: [96, 84, 82],
      panels: [
        { from: -3.4, to: -0.4, bottom: 0, top: 2.3, color: [128, 120, 112] },
        { from: 0.4, to: 3.4, bottom: 0, top: 2.3, color: [128, 120, 112] },
      ],
    });
    house(world, frameAt(13.5, 17), {
      width: 12,
      depth: 9,
      height: 5.4,
      roof: 3.4,
      wall: [224, 214, 196],
      tiles: [140, 76, 60],
      panels: [
        ...windows(-5.4, 5.4, 4, 3.4, 4.7),
        ...windows(-5.4, 1, 2, 0.9, 2.3),
        { from: 2.2, to: 3.4, bottom: 0, top: 2.2, color: [92, 60, 44] },
      ],
    });
    barrier(world, [-5, 8], [-5, 22], 1.1, 0.8, HEDGE);
    car(world, { x: 2.6, y: 11.4, heading: 2, paint: [168, 44, 40], plate: "HK47110" });
    for (const [x, y, height, seed] of [
      [-10, 22, 8, 1],
      [-14, 15, 6, 6],
      [22, 30, 9, 2],
      [7, 9, 2.2, 3],
    ] as const)
      tree(world, x, y, height, seed);
  },
  walk: (share) => ({ x: -1.6 + 9 * share, y: 9 + share, going: 1 }),
  drive: (share) => ({ x: -0.6, y: 2 + 11 * share, heading: 0 }),
};

export const frontDoor: Place = {
  eye: { at: [-3.1, 0.4, 2.9], yaw: 27, pitch: -17, focal: 0.78 },
  build(world) {
    meadow(world);
    world.patch(-9, 6.5, 14, 8.3, [170, 164, 156]);
    world.patch(-0.6, -4, 1.4, 7, [170, 164, 156]);
    for (let y = -2; y < 7; y += 1.1) world.patch(-0.6, y, 1.4, y + 0.05, [130, 124, 116]);
    const brick: Panel[] = Array.from({ length: 14 }, (_, i) => ({
      from: -9,
      to: 9,
      bottom: 0.3 + i * 0.34,
      top: 0.34 + i * 0.34,
      color: [148, 96, 80],
    }));
    const door: Panel[] = [
      { from: -1.0, to: 0.8, bottom: 0, top: 2.65, color: [232, 228, 218] },
      { from: -0.85, to: 0.65, bottom: 0, top: 2.5, color: [44, 74, 66] },
      { from: -0.6, to: 0.4, bottom: 1.7, top: 2.25, color: [148, 170, 178] },
      { from: 0.42, to: 0.52, bottom: 1.0, top: 1.2, color: [214, 190, 110] },
      { from: 2.2, to: 4.6, bottom: 0.9, top: 2.4, color: [230, 228, 220] },
      { from: 2.35, to: 4.45, bottom: 1.02, top: 2.28, color: [84, 102, 116] },
      { from: 3.34, to: 3.46, bottom: 1.02, top: 2.28, color: [230, 228, 220] },
      { from: -4.6, to: -2.6, bottom: 0.9, top: 2.4, color: [84, 102, 116] },
    ];
    house(world, frameAt(0.6, 12.3), {
      width: 18,
      depth: 8,
      height: 5,
      roof: 3,
      wall: [168, 112, 94],
      tiles: [84, 74, 74],
      panels: [...brick, ...door],
    });
    world.patch(-0.3, 7.4, 1.2, 8.1, [92, 72, 52], 1, 0.02);
    for (const x of [-1.1, 2.2]) {
      box(world, frameAt(x, 7.6), 0.5, 0.5, 0.5, [150, 86, 62]);
      tree(world, x, 7.6, 1.6, x);
    }
    box(world, frameAt(5.4, 7.3), 1.6, 0.5, 0.45, [124, 94, 66]);
    barrier(world, [3, 1], [11, 4], 0.7, 0.7, HEDGE);
  },
  walk: (share) => ({ x: 0.4 + 0.2 * share, y: 1.6 + 5 * share, going: 0 }),
};

export const garden: Place = {
  eye: { at: [0, 0, 3.4], yaw: 0, pitch: -12, focal: 0.8 },
  build(world) {
    meadow(world);
    mottle(world, [-12, 3, 12, 22], 11, GRASS_TONES, 160);
    for (let i = 0; i < 34; i++) box(world, frameAt(-17 + i, 22), 0.92, 0.08, 1.7, [146 + (i % 3) * 6, 118, 88]);
    house(world, frameAt(-7, 17, 18), {
      width: 4,
      depth: 3,
      height: 2.2,
      roof: 1,
      wall: [134, 98, 70],
      tiles: [72, 70, 72],
      panels: [{ from: -0.6, to: 0.5, bottom: 0, top: 1.9, color: [92, 64, 46] }],
    });
    world.floor(
      Array.from(
        { length: 16 },
        (_, i) => [4.5 + Math.cos(i * 0.3927) * 3, 12 + Math.sin(i * 0.3927) * 2, 0.01] as const,
      ),
      [70, 104, 122],
    );
    world.patch(-2.2, 5.6, 2.2, 8.6, [176, 168, 156]);
    box(world, frameAt(0, 7), 1.8, 0.9, 0.74, [150, 116, 82]);
    for (const [x, y] of [
      [-1.4, 7],
      [1.4, 7],
      [0, 8],
    ] as const)
      box(world, frameAt(x, y), 0.45, 0.45, 0.9, [120, 92, 66]);
    for (const [x, y, height, seed] of [
      [9, 18, 6.5, 1],
      [-13, 24, 8, 2],
      [3, 30, 10, 3],
      [15, 27, 9, 4],
      [-3, 33, 10, 5],
      [-5, 11, 1.4, 6],
      [-6, 10, 1.1, 7],
    ] as const)
      tree(world, x, y, height, seed);
  },
  walk: (share) => ({ x: -9 + 18 * share, y: 11 - 2 * share, going: 1 }),
};
