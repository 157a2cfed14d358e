// Helps for people with a script; every page works without them.
import "./conditions";
import "./menus";
import "./photos";
import "./picks";
import "./place";
import "./receipt";
import "./register";
import "./submit";
