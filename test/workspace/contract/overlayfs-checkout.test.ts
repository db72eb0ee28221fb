/** The contract of workspaces, kept by overlayfs over a checkout. */
import { places } from "../ground.js";
import { contract } from "./contract.js";

contract(places["overlayfs-checkout"]);
