import { Anchor, Button, NavLink } from '@mantine/core';
import { createLink } from '@tanstack/react-router';

/** Links of the app in the clothes of its kit: they go where they say without loading the page anew. */
export const LinkAnchor = createLink(Anchor<'a'>);
export const LinkButton = createLink(Button.withProps({ component: 'a' }));
export const LinkNav = createLink(NavLink<'a'>);
