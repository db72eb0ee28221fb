/** The contract of workspaces, kept by copy. */
import { places } from "../ground.js";
import { contract } from "./contract.js";

contract(places.copy);
