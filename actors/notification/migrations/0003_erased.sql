-- Shoppers who are gone. Their messages are blanked when that is heard; a message that is being written at the same
-- moment finds them here.
CREATE TABLE notification.erased (
    user_id uuid PRIMARY KEY
);
