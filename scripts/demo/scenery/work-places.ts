/** Around a firm: parking, loading bay, lobby, and a roof above the town. */
import type { Color } from "../drawing/canvas";
import { ASPHALT, ASPHALT_TONES, LINE, meadow, plain, street, windows, type Place } from "./ground";
import { car, truck } from "./people-and-vehicles";
import { box, boxFaces, drawFaces, frameAt, house, lamp, mottle, tree, type Panel } from "./solids";

export const parking: Place = {
  eye: { at: [0, -8, 8.5], yaw: 3, pitch: -19, focal: 0.85 },
  build(world) {
    meadow(world);
    world.patch(-40, -6, 40, 34, ASPHALT);
    mottle(world, [-20, 0, 20, 33], 13, ASPHALT_TONES, 120);
    for (const y of [4, 24]) for (let i = -7; i <= 7; i++) world.patch(i * 2.9 - 0.06, y, i * 2.9 + 0.06, y + 5, LINE);
    for (const y of [9, 24]) world.patch(-20.3, y, 20.3, y + 0.12, LINE);
    const paints: readonly Color[] = [
      [196, 198, 202],
      [40, 42, 48],
      [150, 40, 38],
      [52, 84, 132],
      [214, 206, 186],
      [92, 104, 96],
    ];
    for (const [slot, row] of [
      [-6, 0],
      [-5, 0],
      [-3, 0],
      [1, 0],
      [4, 0],
      [5, 0],
      [-6, 1],
      [-4, 1],
      [-3, 1],
      [-1, 1],
      [0, 1],
      [3, 1],
      [6, 1],
    ] as const)
      car(world, {
        x: slot * 2.9 + 1.45,
        y: row === 0 ? 6.4 : 26.6,
        heading: row === 0 ? 180 : 0,
        paint: paints[(slot * 5 + row * 3 + 40) % paints.length] ?? LINE,
      });
    for (const x of [-11.6, 8.7]) lamp(world, x, 15.5, 6);
    house(world, frameAt(6, 48), {
      width: 46,
      depth: 14,
      height: 9,
      roof: 0,
      wall: [176, 178, 180],
      tiles: ASPHALT,
      panels: [...windows(-22, 22, 12, 5.6, 7.8), ...windows(-22, 22, 12, 1.6, 4)],
    });
    for (let i = 0; i < 7; i++) tree(world, -33 + i * 5, 38 + (i % 3), 7 + (i % 2), i);
  },
  walk: (share) => ({ x: 8 - 14 * share, y: 12.5 + share, going: -1 }),
  drive: (share) => ({ x: -22 + 42 * share, y: 17.5, heading: 90 }),
};

export const loadingBay: Place = {
  eye: { at: [-7, -3, 5.5], yaw: 20, pitch: -13, focal: 0.8 },
  build(world) {
    plain(world, [140, 138, 134]);
    mottle(
      world,
      [-16, 2, 26, 18],
      17,
      [
        [164, 162, 158],
        [108, 106, 104],
      ],
      130,
    );
    const doors: Panel[] = [-9, -3, 3, 9].flatMap((x): Panel[] => [
      { from: x - 1.8, to: x + 1.8, bottom: 0.9, top: 5, color: [52, 56, 62] },
      { from: x - 1.5, to: x + 1.5, bottom: 1.1, top: 4.7, color: x === 3 ? [34, 34, 36] : [196, 198, 200] },
      ...(x === 3
        ? []
        : [1.8, 2.5, 3.2, 3.9].map((z): Panel => ({
            from: x - 1.5,
            to: x + 1.5,
            bottom: z,
            top: z + 0.06,
            color: [158, 160, 164],
          }))),
    ]);
    house(world, frameAt(4, 25), {
      width: 32,
      depth: 10,
      height: 8,
      roof: 0,
      wall: [122, 138, 152],
      tiles: ASPHALT,
      panels: [...doors, { from: -16, to: 16, bottom: 6.6, top: 7.3, color: [204, 150, 52] }],
    });
    for (const x of [-5, 1, 7, 13])
      for (const side of [-1.9, 1.9]) world.patch(x + side - 0.08, 8, x + side + 0.08, 20, [218, 184, 70]);
    truck(world, { x: 1, y: 15.6, heading: 180, paint: [48, 92, 146] }, 8.6);
    for (const [x, y, tall] of [
      [-6.8, 17.6, 1.2],
      [-6.8, 15.9, 0.8],
      [-8.4, 17.4, 1.5],
      [15.4, 17.8, 1.3],
    ] as const) {
      box(world, frameAt(x, y), 1.2, 1.2, tall, [176, 142, 98]);
    }
    lamp(world, -11, 15, 6.5);
  },
  walk: (share) => ({ x: -6 + 12 * share, y: 9.4, going: 1 }),
  drive: (share) => ({ x: 16 - 20 * share, y: 11.6, heading: 270 }),
};

export const lobby: Place = {
  eye: { at: [-4.6, 0.3, 3], yaw: 24, pitch: -14, focal: 0.72 },
  indoors: true,
  build(world) {
    world.patch(-6, -2, 9, 14, [188, 180, 168]);
    for (let x = -6; x < 9; x += 1.2) world.patch(x, -2, x + 0.03, 14, [164, 156, 144]);
    for (let y = -2; y < 14; y += 1.2) world.patch(-6, y, 9, y + 0.03, [164, 156, 144]);
    world.patch(-1, 3, 4.6, 7.4, [120, 72, 66]);
    world.patch(-0.7, 3.3, 4.3, 7.1, [150, 98, 84]);
    const back = frameAt(1.5, 14);
    world.floor([back(-7.5, 0, 0), back(7.5, 0, 0), back(7.5, 0, 3.6), back(-7.5, 0, 3.6)], [222, 218, 208]);
    const side = frameAt(9, 6, 90);
    world.floor([side(-8, 0, 0), side(8, 0, 0), side(8, 0, 3.6), side(-8, 0, 3.6)].reverse(), [206, 200, 190]);
    const pane = (x1: number, x2: number, z1: number, z2: number, color: Color): void =>
      world.floor([back(x1, -0.02, z1), back(x2, -0.02, z1), back(x2, -0.02, z2), back(x1, -0.02, z2)], color);
    pane(-6.6, -2.4, 0, 2.9, [70, 74, 78]);
    for (const x of [-6.5, -4.45]) pane(x, x + 1.95, 0.08, 2.8, [168, 190, 204]);
    for (const x of [1.2, 3.2]) {
      pane(x, x + 1.6, 0, 2.5, [96, 98, 102]);
      pane(x + 0.08, x + 1.52, 0, 2.42, [164, 166, 168]);
      pane(x + 0.78, x + 0.82, 0, 2.42, [110, 112, 116]);
    }
    for (const [x, y, w, d, h, color] of [
      [6.4, 9.6, 1, 3.6, 1.1, [138, 104, 74]],
      [6.4, 9.6, 1.2, 3.8, 0.06, [90, 66, 48]],
      [-3.6, 9.4, 0.9, 2.4, 0.5, [66, 84, 106]],
      [-4, 9.4, 0.3, 2.4, 0.95, [58, 74, 96]],
      [-1.9, 9.4, 0.8, 0.8, 0.4, [196, 176, 148]],
    ] as const)
      box(world, frameAt(x, y), w, d, h, color);
    for (const [x, y] of [
      [-4.6, 12.8],
      [7.9, 13],
    ] as const) {
      box(world, frameAt(x, y), 0.5, 0.5, 0.5, [92, 88, 84]);
      tree(world, x, y, 2, x);
    }
    for (const y of [4, 7.5, 11])
      for (const x of [-1, 3.6])
        world.floor(
          [
            [x, y, 3.6],
            [x + 1.6, y, 3.6],
            [x + 1.6, y + 0.5, 3.6],
            [x, y + 0.5, 3.6],
          ],
          [255, 254, 246],
        );
  },
  walk: (share) => ({ x: -3.4 + 9 * share, y: 7.6 + 1.4 * Math.sin(share * 3), going: 1 }),
};

export const roof: Place = {
  eye: { at: [0, 0, 24], yaw: 0, pitch: -13, focal: 0.78 },
  build(world) {
    plain(world, [112, 124, 92]);
    // Streets in two directions, all round, since this camera turns.
    for (const y of [-90, -30, 34, 92, 160]) street(world, -500, y, 500, y + 9);
    for (const x of [-118, -54, 10, 74, 140]) street(world, x, -500, x + 9, 500);
    // The roof that it stands on.
    world.thing([0, 3.2, 23], () =>
      drawFaces(
        world,
        boxFaces(frameAt(0, 4), { left: -9, right: 9, back: -16, front: 5.4, bottom: 14, top: 15 }),
        [150, 148, 144],
      ),
    );
    for (let i = 0; i < 46; i++) {
      const [column, row] = [(i % 7) - 3, Math.floor(i / 7) - 3];
      const [x, y] = [column * 64 - 20 + ((i * 13) % 9), row * 62 + 4 + ((i * 7) % 9)];
      if (Math.hypot(x, y) < 30) continue;
      const tall = 8 + ((i * 29) % 23);
      const tone = (i * 41) % 60;
      const floors = Math.floor(tall / 4);
      const rows = Array.from({ length: floors }, (_, floor) =>
        windows(-11, 11, 6, floor * 4 + 1.4, floor * 4 + 3.2),
      ).flat();
      // Their windows look towards this camera.
      const heading = y >= 0 ? 0 : 180;
      house(world, frameAt(x, y, heading), {
        width: 24,
        depth: 20,
        height: tall,
        roof: i % 3 === 0 ? 5 : 0,
        wall: [168 + tone, 150 + tone, 128 + tone],
        tiles: [134, 78, 62],
        panels: rows,
      });
    }
    for (let i = 0; i < 60; i++)
      tree(world, ((i * 67) % 300) - 150, ((i * 41) % 260) - 110 + (i % 2) * 6, 6 + (i % 5), i);
    for (let i = 0; i < 14; i++)
      car(world, {
        x: ((i * 53) % 240) - 120,
        y: 36 + (i % 2) * 4.4,
        heading: i % 2 === 0 ? 90 : 270,
        paint: [60 + ((i * 61) % 150), 60 + ((i * 37) % 130), 70 + ((i * 17) % 120)],
      });
  },
  walk: (share) => ({ x: -30 + 60 * share, y: 46, going: 1 }),
  drive: (share) => ({ x: -70 + 140 * share, y: 36, heading: 90 }),
};
