/** The contract of workspaces, kept by overlayfs over EROFS images. */
import { places } from "../ground.js";
import { contract } from "./contract.js";

contract(places.overlayfs);
