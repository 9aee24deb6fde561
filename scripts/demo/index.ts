/** What makes the virtual device look alive: drawn pictures, films, and scenarios that send events. */
export { filmOf, type Shot } from "./film/film";
export { drawnFilms } from "./film/live-film";
export { drawnPictures } from "./pictures";
export { playDemo, type Demo } from "./scenarios/demo";
